// Loaded before an artefact: takes its log and its origin away. What remains is the decision and the preparation of the
// forwarded request.

const { fetch } = globalThis

console.log = () => {}
globalThis.fetch = async (input, init) => (input instanceof Request ? new Response('{}') : fetch(input, init))
