// The globals of an edge Worker in the drill: a clock that the driver sets, an origin that answers without a network,
// and no log.

const { fetch } = globalThis
const { now } = Date
let aheadMs = 0

export const setAhead = (ms: number): void => void (aheadMs = ms)

Date.now = () => now() + aheadMs
globalThis.fetch = async (input, init) =>
  typeof input === 'string' ? fetch(input, init) : new Response('from the origin')
console.log = () => {}
