// What `lanekeeper check --online` prints: for each stage a table of the requests, the keys, findings, and what was not
// asked.

import { layOut, paint, type Cell } from '../table.ts'
import { describeDifference } from './clock.ts'
import { quoted, type AskedKeys, type OnlineStage } from './online-document.ts'

const MAX_URL_CHARS = 56

const shorten = (url: string): string =>
  url.length > MAX_URL_CHARS ? `${url.slice(0, MAX_URL_CHARS - 1)}…` : url

function answerOf(status: number | null): Cell {
  if (status === null) return { text: 'none', colour: 'red' }
  return { text: String(status) }
}

const layOutAsked = ({ asked }: OnlineStage): string =>
  layOut(
    ['issuer', 'asked for', 'at', 'answer', 'ms', 'limit', 'clock'],
    asked.map(({ issuer, what, url, status, ms, limitMs, clockDifferenceMs }) => [
      issuer,
      what,
      shorten(url),
      answerOf(status),
      String(ms),
      String(limitMs),
      describeDifference(clockDifferenceMs),
    ]),
  )

const describeKeys = ({ issuer, published, usable }: AskedKeys): string => {
  const names = usable.map(
    ({ kid, algorithms }) => `${kid === null ? 'no kid' : quoted(kid)} ${algorithms.join(' ')}`,
  )
  return `issuers.${issuer}.keys: ${published} published, ${usable.length} usable${names.length === 0 ? '' : `: ${names.join('; ')}`}`
}

function describeStage(stage: OnlineStage): string {
  const { name, asked, keys, findings, notAsked } = stage
  return [
    paint('bold', name === null ? 'asked online' : `${name}, asked online`),
    ...(asked.length === 0 ? [] : [layOutAsked(stage)]),
    ...keys.map(describeKeys),
    ...findings.map(({ severity, subject, message }) => {
      const line = `${severity}: ${subject}: ${message}`
      return severity === 'problem' ? paint('red', line) : line
    }),
    ...notAsked.map(({ setting, because }) => `not asked: ${setting}: ${because}`),
  ].join('\n')
}

export const describeOnline = (stages: readonly OnlineStage[]): string =>
  stages.map((stage) => `\n${describeStage(stage)}`).join('\n')
