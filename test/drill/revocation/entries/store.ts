// The store Worker of the drill: its artefact, with answers that can be delayed. `PUT /drill/delay` sets by how many
// milliseconds.

// @ts-expect-error -- what `lanekeeper build` wrote for this run.
import artefact, { RevocationStore as Built } from 'artefact-of-the-drill'
import type { RevocationStore as Store } from '../../../../shared/edge.ts'

type Handler = { fetch(request: Request, env: unknown, context: unknown): Promise<Response> }
type Calls = Pick<Required<Store>, 'find' | 'changesSince' | 'revoke'>

declare class BuiltStore {
  find(...given: Parameters<Calls['find']>): ReturnType<Calls['find']>
  changesSince(...given: Parameters<Calls['changesSince']>): ReturnType<Calls['changesSince']>
  revoke(...given: Parameters<Calls['revoke']>): ReturnType<Calls['revoke']>
}

let delayMs = 0

const wait = (): Promise<void> | undefined =>
  delayMs === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, delayMs))

export class RevocationStore extends (Built as typeof BuiltStore) {
  override async find(...given: Parameters<Calls['find']>) {
    await wait()
    return super.find(...given)
  }

  override async changesSince(...given: Parameters<Calls['changesSince']>) {
    await wait()
    return super.changesSince(...given)
  }

  override async revoke(...given: Parameters<Calls['revoke']>) {
    await wait()
    return super.revoke(...given)
  }
}

export default {
  async fetch(request: Request, env: unknown, context: unknown) {
    if (new URL(request.url).pathname !== '/drill/delay')
      return (artefact as Handler).fetch(request, env, context)
    delayMs = Number(await request.text())
    return new Response('done')
  },
}
