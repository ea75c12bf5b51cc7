// The globals of the Worker whose memory is measured: an origin that answers without a network, and a log of which only
// the events `replay_memory_full` are counted, so that the edge alone is measured.

import { readLogLine } from '../../../support/artefact/log-line.ts'

const { fetch } = globalThis

export const counted = { full: 0, dropped: 0 }

globalThis.fetch = async (input, init) =>
  typeof input === 'string' ? fetch(input, init) : new Response('from the origin')
console.log = (line: string) => {
  if (!line.includes('"replay_memory_full"')) return
  const event = readLogLine(line)
  if (event.event !== 'replay' || event.outcome !== 'full') return
  counted.full++
  counted.dropped += event.dropped ?? 0
}
