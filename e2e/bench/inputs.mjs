/** @file What both sides embed. Each word is one word piece, so a text's length in tokens is known without a tokenizer. */

const words =
  `some years ago having little money in my purse and nothing in particular to interest me on shore i thought i
would sail about a little and see the watery part of the world it is a way i have of driving off the cold and changing the
blood when i find myself growing grim about the mouth when it is a damp rainy november in my soul when i find myself stopping
before coffin warehouses and bringing up the rear of every funeral i meet then i account it high time to get to sea as soon
as i can there is nothing surprising in this if they but knew it almost all men in their degree some time or other share
very nearly the same feelings toward the ocean with me`.split(/\s+/)

/** A text of that many tokens, the two special ones included. */
export const textOf = (tokens) => words.slice(0, tokens - 2).join(' ')

export const shapes = [
  { name: '1 × 16', batch: 1, tokens: 16, runs: 20 },
  { name: '1 × 128', batch: 1, tokens: 128, runs: 12 },
  { name: '8 × 128', batch: 8, tokens: 128, runs: 4 },
]
