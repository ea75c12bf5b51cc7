// The store Worker of the drill: its artefact, with inserts that can be delayed. `PUT /drill/delay` sets by how many
// milliseconds.

// @ts-expect-error -- what `lanekeeper build` wrote for this run.
import { ReplayStore as Built } from 'artefact-of-the-drill'
import type { ReplayObject } from '../../../../functions/cloudflare/replays.ts'

type Insert = ReplayObject['insert']

declare class BuiltStore {
  insert(...given: Parameters<Insert>): ReturnType<Insert>
}

let delayMs = 0

export class ReplayStore extends (Built as typeof BuiltStore) {
  override async insert(...given: Parameters<Insert>) {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    return super.insert(...given)
  }
}

export default {
  async fetch(request: Request) {
    delayMs = Number(await request.text())
    return new Response('done')
  },
}
