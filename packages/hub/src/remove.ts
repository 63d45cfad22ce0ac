/** @file Taking a repository, or one of its commits, out of the cache: what another one shares stays. */
import { delMany, entries, keys } from 'idb-keyval'
import { LOCAL_NAME } from './place'
import { deleteBlobs, type Snapshot, type Stores } from './stores'

type Place = [repository: string, name: string]

/**
 * Remove a repository, or of it one commit, or everything that can be downloaded again.
 * @param revision a branch, a tag or a commit that is cached; of an unknown one there is nothing to remove
 */
export async function removeFrom(stores: Stores, repository?: string, revision?: string): Promise<void> {
  const refs = await entries<Place, string>(stores.refs)
  const meant = refs.find(([place]) => place[0] === repository && place[1] === revision)
  const commit = meant?.[1] ?? revision
  const snapshots = await entries<Place, Snapshot>(stores.snapshots)
  // What was saved here is nowhere else: it goes by its name only.
  const isOf = ([name]: Place) => (repository === undefined ? !LOCAL_NAME.test(name) : name === repository)
  const goes = (place: Place) => isOf(place) && (commit === undefined || place[1] === commit)
  const going = snapshots.filter(([place]) => goes(place))
  if (commit !== undefined && going.length === 0) return
  const staying = snapshots.filter(([place]) => !goes(place))
  const last = !staying.some(([place]) => isOf(place))

  const downloads = await entries<Place, string>(stores.downloads)
  const goingBlobs = blobsOf(going)
  const begun = downloads.filter(([place, blob]) => isOf(place) && (last || goingBlobs.has(blob)))
  const stays = blobsOf(staying)
  await delMany(
    going.map(([place]) => place),
    stores.snapshots,
  )
  await delMany(
    begun.map(([place]) => place),
    stores.downloads,
  )
  const gone = refs.filter(([place, name]) => isOf(place) && (last || name === commit))
  await delMany(
    gone.map(([place]) => place),
    stores.refs,
  )
  if (last) {
    await delMany((await keys<Place>(stores.derived)).filter(isOf), stores.derived)
    await delMany(
      (await keys<string>(stores.uses)).filter((name) => isOf([name, ''])),
      stores.uses,
    )
  }
  const blobs = new Set([...goingBlobs, ...begun.map(([, blob]) => blob)])
  await deleteBlobs(
    [...blobs].filter((blob) => !stays.has(blob)),
    stores,
  )
}

const blobsOf = (snapshots: [Place, Snapshot][]) =>
  new Set(snapshots.flatMap(([, { files }]) => [...files.values()].flatMap((entry) => entry?.blob ?? [])))
