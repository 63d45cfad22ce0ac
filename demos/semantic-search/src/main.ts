/** @file Puts the page together: the service worker, the sentences, the model, and the two views. */
import '../../shared/theme.css'
import '../../shared/frame.css'
import './styles/frame.css'
import './styles/search.css'
import './styles/attention.css'
import { element } from '../../shared/dom'
import { register } from '../../shared/register'
import { attentionView } from './attention-view'
import { fingerprint, loadCorpus } from './corpus'
import { indexPanel } from './index-panel'
import { readSource, SharedModel } from './model'
import { modelBar } from './model-bar'
import { searchView } from './search-view'
import { SentenceIndex } from './sentence-index'
import { showView } from './views'

showView()
await register((changeOver) => {
  element('update', HTMLElement).hidden = false
  element('change-over', HTMLButtonElement).onclick = changeOver
})

/** `?sentences=200` takes fewer, e.g. on a slow machine. */
const limit = Number(new URLSearchParams(location.search).get('sentences') ?? Number.POSITIVE_INFINITY)
const [source, sentences] = await Promise.all([readSource(), loadCorpus(limit)])
const texts = sentences.map(({ text }) => text)
const name = `${source.endpoint} ${source.repository} ${await fingerprint(texts)}`
const index = await SentenceIndex.open(name, texts)
const model = new SharedModel(source)

const explore = attentionView(model)
const refresh = searchView(sentences, index, model, explore)
indexPanel(index, model, refresh)
modelBar(model)
await model.restore()
