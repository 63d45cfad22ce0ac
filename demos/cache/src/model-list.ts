/** @file The models in the cache: a bar for each, its files, and the buttons that check it or take it out. */
import { type CachedRepository, cache, type Verification } from 'webformers'
import { element, make } from '../../shared/dom'
import { ago, bytes, percent } from './elements'

/** Shows the list; gives what shows it anew. */
export function modelList(endpoint: string): () => Promise<void> {
  const list = element('models', HTMLUListElement)
  const summary = element('summary', HTMLElement)
  const verdict = element('verdict', HTMLElement)
  const empty = element('empty', HTMLElement)
  const actions = element('all-actions', HTMLElement)
  const verifyAll = element('verify-all', HTMLButtonElement)
  const evict = element('evict', HTMLButtonElement)
  const removeAll = element('remove-all', HTMLButtonElement)
  const opened = new Set<string>()

  /** The name as the Hub has it, or the address of a folder. */
  const nameOf = (repository: string) => {
    const hub = `${new URL(endpoint, location.href).href.replace(/\/+$/, '')}/`
    return repository.startsWith(hub) ? repository.slice(hub.length) : repository.replace(/^https?:\/\//, '')
  }

  async function refresh(): Promise<void> {
    const [listed, size, { quota = 0 }] = await Promise.all([
      cache.list(),
      cache.size(),
      navigator.storage.estimate(),
    ])
    const models = listed.filter(({ files }) => files.length > 0)
    const largest = Math.max(...models.map(({ size }) => size))
    models.sort((a, b) => (b.lastUsed?.getTime() ?? 0) - (a.lastUsed?.getTime() ?? 0))
    list.replaceChildren(...models.map((model) => row(model, model.size / largest, quota)))
    const repositories = new Set(models.map(({ repository }) => repository)).size
    summary.textContent =
      models.length === 0
        ? `${bytes(quota)} would fit.`
        : `${repositories} ${repositories === 1 ? 'model' : 'models'}, ${bytes(size)} of the ${bytes(quota)} that this site may fill`
    empty.hidden = models.length > 0
    actions.hidden = models.length === 0
    evict.hidden = repositories < 2
  }

  /** Say what was done, once the list shows it. */
  async function told(what: string): Promise<void> {
    await refresh()
    verdict.className = 'verdict'
    verdict.textContent = what
  }

  function row(model: CachedRepository, share: number, quota: number): HTMLLIElement {
    const { repository, commit, revisions, size, lastUsed, files } = model
    const key = `${repository} ${commit}`
    const name = nameOf(repository)
    const bar = make('div', { className: 'bar', ariaHidden: 'true' }, make('i'))
    bar.style.setProperty('--share', `${100 * share}%`)
    const version = [...revisions, commit.slice(0, 7)].filter(Boolean).join(', ')
    const used = lastUsed && make('time', { dateTime: lastUsed.toISOString() }, `used ${ago(lastUsed)}`)
    const facts = [version, used, quota > 0 ? `${percent(size / quota)} of the room` : ''].filter(
      (fact) => fact,
    )
    const details = make(
      'details',
      { open: opened.has(key) },
      make('summary', {}, `${files.length} ${files.length === 1 ? 'file' : 'files'}`),
      make('ul', { className: 'files' }, ...files.map(fileRow)),
    )
    details.addEventListener('toggle', () => opened[details.open ? 'add' : 'delete'](key))
    const verify = make(
      'button',
      { type: 'button', className: 'link', ariaLabel: `Verify ${name}` },
      'Verify',
    )
    verify.onclick = () => check(verify, repository, name)
    const remove = make(
      'button',
      { type: 'button', className: 'link', ariaLabel: `Remove ${name}` },
      'Remove',
    )
    remove.onclick = async () => {
      await cache.remove(repository, commit || undefined)
      await told(`${name} was removed, ${bytes(size)}.`)
      element('models-title', HTMLElement).focus()
    }
    return make(
      'li',
      {},
      make('div', { className: 'title' }, make('h3', {}, name), make('strong', {}, bytes(size))),
      bar,
      make(
        'p',
        { className: 'quiet facts' },
        ...facts.flatMap((fact, i) => (i > 0 ? [' · ', fact!] : [fact!])),
      ),
      make('div', { className: 'foot' }, details, make('div', { className: 'links' }, verify, remove)),
    )
  }

  const fileRow = ({ path, size }: CachedRepository['files'][number]) =>
    make(
      'li',
      {},
      make('span', { className: 'file-name' }, path),
      make('span', { className: 'file-size' }, bytes(size)),
    )

  async function check(button: HTMLButtonElement, source: string | undefined, name: string): Promise<void> {
    button.disabled = true
    verdict.className = 'verdict'
    try {
      const onProgress = ({
        totals: { loaded, total = 0 },
      }: {
        totals: { loaded: number; total?: number }
      }) => {
        verdict.textContent = `Reading ${name}: ${bytes(loaded)} of ${bytes(total)}`
      }
      const found = await cache.verify(source, { repair: true, onProgress })
      await told(judge(name, found))
      verdict.classList.toggle('alarm', found.corrupt.length > 0)
    } finally {
      button.disabled = false
    }
  }

  verifyAll.onclick = () => check(verifyAll, undefined, 'everything')
  evict.onclick = async () => {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate()
    const [gone] = await cache.makeRoom(quota - usage + 1)
    await told(
      gone
        ? `${nameOf(gone.repository)} was not used for longest and is gone, ${bytes(gone.size)}.`
        : 'Nothing may go: it is being downloaded.',
    )
  }
  askTwice(removeAll, 'Really remove all?', async () => {
    await cache.remove()
    await told('All that can be downloaded again is gone.')
  })
  return refresh
}

function judge(name: string, { ok, corrupt, unverifiable }: Verification): string {
  const right = `${ok.length} ${ok.length === 1 ? 'file has its hash' : 'files have their hashes'}`
  const unknown = unverifiable.length > 0 ? `, ${unverifiable.length} of the right size came without one` : ''
  if (corrupt.length === 0) return `Verified ${name}: ${right}${unknown}.`
  const damaged = corrupt.map(({ path, reason }) => `${path} (${reason})`).join(', ')
  return `Verified ${name}: ${right}${unknown}; damaged and removed: ${damaged}.`
}

/** A button whose second click, soon after the first, counts. */
function askTwice(button: HTMLButtonElement, question: string, act: () => Promise<void>): void {
  const label = button.textContent
  let timer: number | undefined
  const calm = () => {
    clearTimeout(timer)
    timer = undefined
    button.textContent = label
  }
  button.addEventListener('blur', calm)
  button.addEventListener('click', async () => {
    if (timer === undefined) {
      button.textContent = question
      timer = window.setTimeout(calm, 5000)
      return
    }
    calm()
    await act()
  })
}
