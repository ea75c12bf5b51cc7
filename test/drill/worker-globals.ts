// The globals of the Worker in the drill: the fast clock, fetches of keys that are marked with the instance, and a console
// that takes the lines of the log and prints the ends of fetches.

// @ts-expect-error -- a module of the Workers runtime.
import { env } from 'cloudflare:workers'
import { readLogLine } from '../support/artefact/log-line.ts'
import { nowOn } from './clock.ts'
import { reportKeys } from './edge-log.ts'
import { markedFetch } from './marked-fetch.ts'

const INSTANCE = 'Worker'

const report = reportKeys(INSTANCE)
const { fetch } = globalThis

Date.now = nowOn(JSON.parse(env.CLOCK))
globalThis.fetch = markedFetch(INSTANCE, fetch)
console.log = (line: string) => report(readLogLine(line))
