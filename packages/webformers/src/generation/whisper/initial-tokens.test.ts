import { afterEach, expect, test, vi } from 'vitest'
import { initialTokens } from './initial-tokens'
import type { SpeechSettings } from './options'

const [START, ENGLISH, TRANSLATE, TRANSCRIBE, NO_TIMES] = [51, 52, 55, 56, 59]
const own = {
  lang_to_id: { '<|en|>': ENGLISH },
  task_to_id: { transcribe: TRANSCRIBE, translate: TRANSLATE },
  no_timestamps_token_id: NO_TIMES,
}
const forced = { forced_decoder_ids: [[1, null] as const, [2, TRANSCRIBE] as const] }

const tokensOf = (settings: Partial<SpeechSettings>) =>
  initialTokens(
    { own, language: undefined, task: undefined, return_timestamps: false, ...settings } as SpeechSettings,
    { decoder_start_token_id: START },
    1,
    async () => [ENGLISH],
  )

afterEach(() => vi.restoreAllMocks())

test('who is told a task, by the call or by the file, is not warned; who is told none is, once', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const transcribing = [[START, ENGLISH, TRANSCRIBE, NO_TIMES]]
  expect(await tokensOf({ own: { ...own, ...forced } })).toEqual(transcribing)
  expect(await tokensOf({ language: 'en' })).toEqual(transcribing)
  expect(await tokensOf({ task: 'transcribe' })).toEqual(transcribing)
  expect(await tokensOf({ task: 'translate' })).toEqual([[START, ENGLISH, TRANSLATE, NO_TIMES]])
  expect(warn).not.toHaveBeenCalled()
  for (let i = 0; i < 2; i++) expect(await tokensOf({})).toEqual([[START, ENGLISH, NO_TIMES]])
  expect(warn.mock.calls.map(([message]) => String(message))).toEqual([
    expect.stringContaining("set task to 'transcribe' or 'translate'"),
  ])
})
