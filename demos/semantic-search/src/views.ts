/** @file Which of the two views is shown: the one the address names. */
import { element } from '../../shared/dom'

const names = ['search', 'attention'] as const

export function showView(): void {
  const show = () => {
    const shown = names.find((name) => location.hash === `#${name}`) ?? 'search'
    for (const name of names) {
      element(`${name}-view`, HTMLElement).hidden = name !== shown
      const link = element(`${name}-link`, HTMLAnchorElement)
      if (name === shown) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    document.title = `${element(`${shown}-link`, HTMLAnchorElement).textContent}, webformers`
  }
  addEventListener('hashchange', () => {
    show()
    scrollTo(0, 0)
  })
  show()
}
