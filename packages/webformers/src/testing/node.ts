/** @file For tests in node: the recorded repositories and answers, read from the disk. */
import { openAsBlob } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import type { HubFiles } from './hub'

const folder = new URL('../../fixtures/', import.meta.url)

const paths = (await readdir(new URL('tiny/', folder), { recursive: true })).filter((path) =>
  path.includes('.'),
)

export const fixtures: HubFiles = Object.fromEntries(
  paths.map((path) => [`tiny/${path}`, () => openAsBlob(new URL(`tiny/${path}`, folder))]),
)

export const recorded = async (name: string) =>
  JSON.parse(await readFile(new URL(`${name}.json`, folder), 'utf8'))
