/**
 * @file Reads pickles as `torch.save` writes them (protocols 2 to 5) into descriptions of values. A pickle is a program for a
 * small machine with a stack; this one knows only the instructions that tensors need, and runs nothing that they name.
 */
import { Machine, type PickleOptions } from './machine'
import { opaque } from './values'

/** Bytes that a pickle may have: ten times those of the largest models. */
export const MOST_PICKLE = 2 ** 25

/**
 * Read the pickle that begins at byte `start`.
 * @throws {EndOfBytes} @throws {UnsafeCheckpointError} @throws {CorruptCheckpointError}
 */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  options: PickleOptions,
): { value: unknown; end: number } {
  const machine = new Machine(bytes, start, options)
  for (;;) {
    const at = machine.at
    const code = machine.byte()
    if (code === STOP) return { value: machine.pop(), end: machine.at }
    const operation = operations.get(code)
    if (!operation) throw machine.unknown(code, at, REFUSED[code])
    operation(machine)
  }
}

const STOP = 0x2e

const tuple = (items: unknown[]) => Object.freeze(items)
const codeOf = (key: string) => (key.length === 1 ? key.charCodeAt(0) : Number(key))

/** Each instruction by its letter, or its number. */
const operations: ReadonlyMap<number, (machine: Machine) => void> = new Map(
  Object.entries<(machine: Machine) => void>({
    '0x80': (m) => m.skip(1), // PROTO: which instructions there are, those themselves tell
    '0x95': (m) => m.skip(8), // FRAME: how many bytes to read at once
    '(': (m) => m.mark(),
    N: (m) => m.push(null),
    '0x88': (m) => m.push(true),
    '0x89': (m) => m.push(false),
    K: (m) => m.push(m.byte()),
    M: (m) => m.push(m.uint16()),
    J: (m) => m.push(m.int32()),
    '0x8a': (m) => m.push(m.long(m.byte())),
    G: (m) => m.push(m.double()),
    X: (m) => m.push(m.text(m.uint32())),
    '0x8c': (m) => m.push(m.text(m.byte())),
    U: (m) => m.push(m.text(m.byte())), // str of Python 2
    T: (m) => m.push(m.text(m.uint32())),
    C: (m) => bytesOf(m, m.byte()),
    B: (m) => bytesOf(m, m.uint32()),
    ')': (m) => m.pushContainer(tuple([])),
    '0x85': (m) => m.pushContainer(tuple(m.popSome(1))),
    '0x86': (m) => m.pushContainer(tuple(m.popSome(2))),
    '0x87': (m) => m.pushContainer(tuple(m.popSome(3))),
    t: (m) => m.pushContainer(tuple(m.popMark())),
    ']': (m) => m.pushContainer([]),
    a: (m) => m.append(m.popSome(1)),
    e: (m) => m.append(m.popMark()),
    '}': (m) => m.pushContainer(new Map()),
    s: (m) => m.setItems(m.popSome(2)),
    u: (m) => m.setItems(m.popMark()),
    q: (m) => m.remember(m.byte()),
    r: (m) => m.remember(m.uint32()),
    '0x94': (m) => m.remember(m.memo.length),
    h: (m) => m.recall(m.byte()),
    j: (m) => m.recall(m.uint32()),
    c: (m) => m.pushGlobal(m.line(), m.line()),
    '0x93': (m) => {
      const [module, name] = m.popSome(2)
      m.pushGlobal(module, name)
    },
    R: (m) => m.call(),
    '0x81': (m) => m.call(),
    b: (m) => m.build(),
    Q: (m) => m.persistent(),
  }).map(([key, operation]) => [codeOf(key), operation]),
)

function bytesOf(machine: Machine, length: number) {
  machine.skip(length)
  machine.push(opaque)
}

/** Instructions of pickles in general that `torch.save` has no use for. */
const REFUSED: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries({
    ...{
      '0': 'POP',
      '1': 'POP_MARK',
      '2': 'DUP',
      F: 'FLOAT',
      I: 'INT',
      L: 'LONG',
      S: 'STRING',
      V: 'UNICODE',
    },
    ...{ P: 'PERSID', i: 'INST', o: 'OBJ', g: 'GET', p: 'PUT', d: 'DICT', l: 'LIST', '0x82': 'EXT1' },
    ...{ '0x83': 'EXT2', '0x84': 'EXT4', '0x8b': 'LONG4', '0x8d': 'BINUNICODE8', '0x8e': 'BINBYTES8' },
    ...{ '0x8f': 'EMPTY_SET', '0x90': 'ADDITEMS', '0x91': 'FROZENSET', '0x92': 'NEWOBJ_EX' },
    ...{ '0x96': 'BYTEARRAY8', '0x97': 'NEXT_BUFFER', '0x98': 'READONLY_BUFFER' },
  }).map(([key, name]) => [codeOf(key), name]),
)
