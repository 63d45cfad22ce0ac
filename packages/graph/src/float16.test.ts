import { expect, test } from 'vitest'
import { fromFloat16, toFloat16 } from './float16'

// torch.tensor(…).half(), but the largest finite number where PyTorch gives infinity.
const singles = [
  0, 2147483648, 1065353216, 3223322624, 1036831949, 1078530011, 1199562752, 3347046400, 1199566592,
  947912704, 947896320, 864026624, 855638016, 855638017, 868220928, 1065357312, 1065365504, 1157632000,
  1157640192, 3198855851, 786163455,
]
const halves = [
  0, 32768, 15360, 49408, 11878, 16968, 31743, 64511, 31743, 1024, 1023, 1, 0, 1, 2, 15360, 15362, 26624,
  26626, 46421, 0,
]

test('float32 to float16: ties to even, subnormals, the largest finite number for what is beyond', () => {
  expect([...toFloat16(new Float32Array(Uint32Array.from(singles).buffer))]).toEqual(halves)
  expect([...toFloat16([1e6, -3.4e38, Number.NaN])]).toEqual([0x7bff, 0xfbff, 0x7e00])
})

test('every half-precision number comes back as it was', () => {
  const finite = Array.from({ length: 65536 }, (_, half) => half).filter((half) => (half & 0x7c00) !== 0x7c00)
  expect([...toFloat16(finite.map(fromFloat16))]).toEqual(finite)
  expect([0x7c00, 0xfc00, 0x7e00].map(fromFloat16)).toEqual([Infinity, -Infinity, Number.NaN])
})
