// The globals of the Worker in the soak: an origin that answers without a network, and lines of the log that are only
// counted, so that the edge alone is measured.

const { fetch } = globalThis
let lines = 0

globalThis.fetch = async (input, init) =>
  typeof input === 'string' ? fetch(input, init) : new Response('from the origin')
console.log = () => void lines++
