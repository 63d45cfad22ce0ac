;; The two passes of a resize over pixels of four bytes. A weight w of 22 bits after the point does not fit the 16-bit lanes
;; that processors multiply and add in pairs: it comes as an upper half (w >> 15) and a lower one (w & 32767), whose sums
;; are put together in the end, in 32 bits that may wrap on the way.
(module
  (memory (export "memory") 1)

  ;; (upper << 15 + lower + a half) >> 22
  (func $rounded (param $upper v128) (param $lower v128) (result v128)
    (i32x4.shr_s
      (i32x4.add
        (i32x4.add (i32x4.shl (local.get $upper) (i32.const 15)) (local.get $lower))
        (v128.const i32x4 2097152 2097152 2097152 2097152))
      (i32.const 22)))

  ;; One pixel of an output, its channels clipped to bytes.
  (func $pixel (param $upper v128) (param $lower v128) (result i32)
    (local $halves v128)
    (local.set $halves
      (i16x8.narrow_i32x4_s (call $rounded (local.get $upper) (local.get $lower)) (v128.const i64x2 0 0)))
    (i32x4.extract_lane 0 (i8x16.narrow_i16x8_u (local.get $halves) (local.get $halves))))

  ;; Rows of pixels at `from` → rows of `outputs` pixels at `to`, two at a time. For each output `spans` has where its first
  ;; pixel lies in a row and how many groups of four there are, `weights` for each group: upper and lower halves of the
  ;; first two weights, upper and lower ones of the other two.
  (func (export "across")
    (param $from i32) (param $fromStride i32) (param $rows i32)
    (param $spans i32) (param $weights i32) (param $outputs i32)
    (param $to i32) (param $toStride i32)
    (local $end i32) (local $span i32) (local $w i32) (local $out i32) (local $a i32) (local $groups i32)
    (local $p v128) (local $q v128) (local $x v128) (local $y v128) (local $half v128)
    (local $pUpper v128) (local $pLower v128) (local $qUpper v128) (local $qLower v128)
    (local.set $end (i32.add (local.get $spans) (i32.shl (local.get $outputs) (i32.const 3))))
    (loop $eachRow
      ;; The last of an odd number of rows is its own neighbour.
      (if (i32.eq (local.get $rows) (i32.const 1))
        (then
          (local.set $fromStride (i32.const 0))
          (local.set $toStride (i32.const 0))))
      (local.set $w (local.get $weights))
      (local.set $span (local.get $spans))
      (local.set $out (local.get $to))
      (loop $eachOutput
        (local.set $a (i32.add (local.get $from) (i32.load (local.get $span))))
        (local.set $groups (i32.load offset=4 (local.get $span)))
        (local.set $pUpper (v128.const i64x2 0 0))
        (local.set $pLower (v128.const i64x2 0 0))
        (local.set $qUpper (v128.const i64x2 0 0))
        (local.set $qLower (v128.const i64x2 0 0))
        (loop $eachGroup
          (local.set $p (v128.load align=1 (local.get $a)))
          (local.set $q (v128.load align=1 (i32.add (local.get $a) (local.get $fromStride))))
          ;; Channel by channel the first two pixels; 128 gives a zero.
          (local.set $x
            (i8x16.swizzle (local.get $p)
              (v128.const i8x16 0 128 4 128 1 128 5 128 2 128 6 128 3 128 7 128)))
          (local.set $y
            (i8x16.swizzle (local.get $q)
              (v128.const i8x16 0 128 4 128 1 128 5 128 2 128 6 128 3 128 7 128)))
          (local.set $half (v128.load32_splat (local.get $w)))
          (local.set $pUpper (i32x4.add (local.get $pUpper) (i32x4.dot_i16x8_s (local.get $x) (local.get $half))))
          (local.set $qUpper (i32x4.add (local.get $qUpper) (i32x4.dot_i16x8_s (local.get $y) (local.get $half))))
          (local.set $half (v128.load32_splat offset=4 (local.get $w)))
          (local.set $pLower (i32x4.add (local.get $pLower) (i32x4.dot_i16x8_s (local.get $x) (local.get $half))))
          (local.set $qLower (i32x4.add (local.get $qLower) (i32x4.dot_i16x8_s (local.get $y) (local.get $half))))
          ;; The other two.
          (local.set $x
            (i8x16.swizzle (local.get $p)
              (v128.const i8x16 8 128 12 128 9 128 13 128 10 128 14 128 11 128 15 128)))
          (local.set $y
            (i8x16.swizzle (local.get $q)
              (v128.const i8x16 8 128 12 128 9 128 13 128 10 128 14 128 11 128 15 128)))
          (local.set $half (v128.load32_splat offset=8 (local.get $w)))
          (local.set $pUpper (i32x4.add (local.get $pUpper) (i32x4.dot_i16x8_s (local.get $x) (local.get $half))))
          (local.set $qUpper (i32x4.add (local.get $qUpper) (i32x4.dot_i16x8_s (local.get $y) (local.get $half))))
          (local.set $half (v128.load32_splat offset=12 (local.get $w)))
          (local.set $pLower (i32x4.add (local.get $pLower) (i32x4.dot_i16x8_s (local.get $x) (local.get $half))))
          (local.set $qLower (i32x4.add (local.get $qLower) (i32x4.dot_i16x8_s (local.get $y) (local.get $half))))
          (local.set $a (i32.add (local.get $a) (i32.const 16)))
          (local.set $w (i32.add (local.get $w) (i32.const 16)))
          (br_if $eachGroup (local.tee $groups (i32.sub (local.get $groups) (i32.const 1)))))
        (i32.store (local.get $out) (call $pixel (local.get $pUpper) (local.get $pLower)))
        (i32.store (i32.add (local.get $out) (local.get $toStride))
          (call $pixel (local.get $qUpper) (local.get $qLower)))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br_if $eachOutput
          (i32.lt_u (local.tee $span (i32.add (local.get $span) (i32.const 8))) (local.get $end))))
      (local.set $from (i32.add (local.get $from) (i32.shl (local.get $fromStride) (i32.const 1))))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $toStride) (i32.const 1))))
      (br_if $eachRow
        (i32.gt_s (local.tee $rows (i32.sub (local.get $rows) (i32.const 2))) (i32.const 0)))))

  ;; Rows of `bytes` bytes → one row of three bytes a pixel at `to`. `rows` has where each of them lies, two by two; `weights`
  ;; for each two the upper and lower halves. Sixteen bytes at a time: what lies behind rows is read, and overwritten.
  (func (export "down")
    (param $rows i32) (param $pairs i32) (param $weights i32) (param $bytes i32) (param $to i32) (param $isBlueFirst i32)
    (local $i i32) (local $row i32) (local $w i32) (local $left i32)
    (local $p v128) (local $q v128) (local $x v128) (local $upper v128) (local $lower v128) (local $order v128)
    (local $u0 v128) (local $u1 v128) (local $u2 v128) (local $u3 v128)
    (local $l0 v128) (local $l1 v128) (local $l2 v128) (local $l3 v128)
    (local.set $order
      (select
        (v128.const i8x16 2 1 0 6 5 4 10 9 8 14 13 12 128 128 128 128)
        (v128.const i8x16 0 1 2 4 5 6 8 9 10 12 13 14 128 128 128 128)
        (local.get $isBlueFirst)))
    (loop $eachSixteen
      (local.set $u0 (v128.const i64x2 0 0))
      (local.set $u1 (v128.const i64x2 0 0))
      (local.set $u2 (v128.const i64x2 0 0))
      (local.set $u3 (v128.const i64x2 0 0))
      (local.set $l0 (v128.const i64x2 0 0))
      (local.set $l1 (v128.const i64x2 0 0))
      (local.set $l2 (v128.const i64x2 0 0))
      (local.set $l3 (v128.const i64x2 0 0))
      (local.set $row (local.get $rows))
      (local.set $w (local.get $weights))
      (local.set $left (local.get $pairs))
      (loop $eachPair
        (local.set $p (v128.load align=1 (i32.add (i32.load (local.get $row)) (local.get $i))))
        (local.set $q (v128.load align=1 (i32.add (i32.load offset=4 (local.get $row)) (local.get $i))))
        (local.set $upper (v128.load32_splat (local.get $w)))
        (local.set $lower (v128.load32_splat offset=4 (local.get $w)))
        (local.set $x (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $p) (local.get $q)))
        (local.set $p (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $p) (local.get $q)))
        (local.set $q (i16x8.extend_low_i8x16_u (local.get $x)))
        (local.set $u0 (i32x4.add (local.get $u0) (i32x4.dot_i16x8_s (local.get $q) (local.get $upper))))
        (local.set $l0 (i32x4.add (local.get $l0) (i32x4.dot_i16x8_s (local.get $q) (local.get $lower))))
        (local.set $q (i16x8.extend_high_i8x16_u (local.get $x)))
        (local.set $u1 (i32x4.add (local.get $u1) (i32x4.dot_i16x8_s (local.get $q) (local.get $upper))))
        (local.set $l1 (i32x4.add (local.get $l1) (i32x4.dot_i16x8_s (local.get $q) (local.get $lower))))
        (local.set $q (i16x8.extend_low_i8x16_u (local.get $p)))
        (local.set $u2 (i32x4.add (local.get $u2) (i32x4.dot_i16x8_s (local.get $q) (local.get $upper))))
        (local.set $l2 (i32x4.add (local.get $l2) (i32x4.dot_i16x8_s (local.get $q) (local.get $lower))))
        (local.set $q (i16x8.extend_high_i8x16_u (local.get $p)))
        (local.set $u3 (i32x4.add (local.get $u3) (i32x4.dot_i16x8_s (local.get $q) (local.get $upper))))
        (local.set $l3 (i32x4.add (local.get $l3) (i32x4.dot_i16x8_s (local.get $q) (local.get $lower))))
        (local.set $row (i32.add (local.get $row) (i32.const 8)))
        (local.set $w (i32.add (local.get $w) (i32.const 8)))
        (br_if $eachPair (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store align=1 (local.get $to)
        (i8x16.swizzle
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (call $rounded (local.get $u0) (local.get $l0)) (call $rounded (local.get $u1) (local.get $l1)))
            (i16x8.narrow_i32x4_s
              (call $rounded (local.get $u2) (local.get $l2)) (call $rounded (local.get $u3) (local.get $l3))))
          (local.get $order)))
      (local.set $to (i32.add (local.get $to) (i32.const 12)))
      (br_if $eachSixteen
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $bytes))))))
