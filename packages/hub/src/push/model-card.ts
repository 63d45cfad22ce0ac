/** @file The README.md of a repository: what it holds, what that was made from, and how to load it. */

export interface ModelCard {
  /** `'org/name'` */
  repository: string
  /** What is there: `'BertForMaskedLM'`, or `'tokenizer'`. */
  what: string
  /** How it is loaded, in JavaScript and in Python. */
  autoClass: string
  /** What it was made from, where that is known, and at which commit. */
  source?: { name: string; commit: string | undefined; onHub: boolean }
  /** How many numbers it has learnt, and what they are kept in. */
  parameters?: number
  dtype?: string
  modelType?: string
  pipelineTag?: string
  /** Lines of the source's front matter that go with its weights. */
  inherited?: readonly string[]
}

/** A README.md that the Hub understands, and a reader as well. */
export function modelCard(card: ModelCard): Blob {
  const {
    repository,
    what,
    autoClass,
    source,
    parameters,
    dtype,
    modelType,
    pipelineTag,
    inherited = [],
  } = card
  const front = [
    'library_name: transformers',
    ...(pipelineTag ? [`pipeline_tag: ${pipelineTag}`] : []),
    ...(source?.onHub ? [`base_model: ${source.name}`] : []),
    'tags:',
    ...['webformers', ...(modelType ? [modelType] : [])].map((tag) => `- ${tag}`),
    ...inherited,
  ]
  const facts = [
    ...(source ? [`| made from | ${placeOf(source)} |`] : []),
    `| architecture | \`${what}\`${modelType ? ` (\`${modelType}\`)` : ''} |`,
    ...(parameters === undefined ? [] : [`| parameters | ${parameters.toLocaleString('en-US')} |`]),
    ...(dtype === undefined ? [] : [`| numbers | ${dtype} |`]),
  ]
  return new Blob([
    `---
${front.join('\n')}
---

# ${repository.split('/').at(-1)}

\`${what}\`, as a browser tab wrote it with webformers. Nobody has described yet how it was trained, what it is good for and
where it fails.

| | |
|---|---|
${facts.join('\n')}

## Use

In the browser, with webformers:

\`\`\`js
import { ${autoClass} } from 'webformers'

const loaded = await ${autoClass}.fromPretrained('${repository}')
\`\`\`

In Python, with Transformers:

\`\`\`python
from transformers import ${autoClass}

loaded = ${autoClass}.from_pretrained("${repository}")
\`\`\`
`,
  ])
}

const placeOf = ({ name, commit, onHub }: NonNullable<ModelCard['source']>) =>
  `${onHub ? `[${name}](https://huggingface.co/${name})` : `\`${name}\``}${commit ? ` at commit \`${commit}\`` : ''}`

/** The lines of a README's front matter that say what a copy of it has to say too: the license and the languages. */
export function inheritedLines(readme: string): string[] {
  const [, front = ''] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readme) ?? []
  const lines = front.split(/\r?\n/)
  return lines.filter((_, i) => {
    const key = keyOf(lines, i)
    return key !== undefined && INHERITED.includes(key)
  })
}

const INHERITED = ['license', 'license_name', 'license_link', 'language']

/** The key that a line belongs to: its own, or that of the list it stands in. */
function keyOf(lines: readonly string[], at: number): string | undefined {
  for (let i = at; i >= 0; i--) {
    const [, key] = /^([\w-]+):/.exec(lines[i]!) ?? []
    if (key !== undefined) return key
    if (!/^\s*- /.test(lines[i]!)) return undefined
  }
  return undefined
}
