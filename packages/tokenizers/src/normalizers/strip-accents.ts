/** @file StripAccents: every combining mark out, whatever it combines with. */

import type { Steps } from '@webformers/hub'
import type { AlignedString } from '../text/aligned-string'
import { isMark } from '../text/characters'
import { without } from '../text/rewrite'

export const stripAccents = (string: AlignedString): Steps<AlignedString> => without(string, isMark)
