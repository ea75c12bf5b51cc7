// workerd by itself, without miniflare, for features that miniflare only simulates: workerd's own Analytics Engine
// binding writes every data point to a service, which here is a real HTTP server. Configured as workerd.capnp says.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const WORKERD = join(import.meta.dirname, '../../node_modules/.bin/workerd')

/** The header field whose JSON becomes `request.cf`. */
export const CF_FIELD = 'x-test-cf'

export interface DataPoint {
  readonly index: string
  readonly blobs: readonly string[]
  readonly doubles: readonly number[]
}

export interface BareWorkerd {
  readonly url: string
  /** The data points written so far, oldest first. */
  readonly points: DataPoint[]
  /** Resolves when `count` points were written. */
  written(count: number): Promise<void>
  close(): Promise<void>
}

export interface BareWorkerdOptions {
  /** The module of the Worker that gets the requests, and of the one that is bound to it. */
  readonly script: string
  readonly boundScript: string
  readonly compatibilityDate: string
  readonly compatibilityFlags: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** The bound Worker also gets what the first one fetches from a URL. */
  readonly isOutbound?: boolean
  /** Names of the bindings. */
  readonly service: string
  readonly dataset: string
}

const toText = (bytes: readonly number[]): string => Buffer.from(bytes).toString()

/** The format of workerd: strings as lists of bytes, blobs and doubles without a value as empty. */
function toPoint(written: Readonly<Record<string, unknown>>): DataPoint {
  const inOrder = <T>(name: string): T[] =>
    Array.from({ length: 20 }, (_, at) => written[`${name}${at + 1}`] as T).filter(
      (value) => value !== undefined,
    )
  return {
    index: toText(written['index1'] as number[]),
    blobs: inOrder<number[]>('blob').map(toText),
    doubles: inOrder<number>('double'),
  }
}

export async function startBareWorkerd(options: BareWorkerdOptions): Promise<BareWorkerd> {
  const points: DataPoint[] = []
  const waiting = new Set<() => void>()
  const sink = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      points.push(toPoint(JSON.parse(Buffer.concat(chunks).toString())))
      waiting.forEach((look) => look())
      response.end('{}')
    })
  })
  await once(sink.listen(0, '127.0.0.1'), 'listening')

  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-workerd-'))
  const put = (name: string, text: string) => writeFile(join(directory, name), text)
  const variables = Object.entries(options.variables)
  await Promise.all([
    put('main.js', options.script),
    put('bound.js', options.boundScript),
    ...variables.map(([name, value]) => put(`${name}.txt`, value)),
    put(
      'config.capnp',
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "main.js", esModule = embed "main.js")],
      compatibilityDate = "${options.compatibilityDate}",
      compatibilityFlags = ${JSON.stringify(options.compatibilityFlags)},
      bindings = [
        ${variables.map(([name]) => `(name = "${name}", text = embed "${name}.txt"),`).join('\n        ')}
        (name = "${options.service}", service = "bound"),
        (name = "${options.dataset}", analyticsEngine = "sink"),
      ],
      globalOutbound = "${options.isOutbound === true ? 'bound' : 'internet'}",
    )),
    (name = "bound", worker = (
      modules = [(name = "bound.js", esModule = embed "bound.js")],
      compatibilityDate = "${options.compatibilityDate}",
    )),
    (name = "sink", external = (address = "127.0.0.1:${(sink.address() as AddressInfo).port}", http = ())),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (cfBlobHeader = "${CF_FIELD}"), service = "main")],
);
`,
    ),
  ])
  const child = spawn(WORKERD, ['serve', 'config.capnp', '--experimental', '--control-fd=3'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const said: Buffer[] = []
  child.stderr!.on('data', (chunk: Buffer) => void said.push(chunk))
  const ended = once(child, 'exit')
  const close = async () => {
    child.kill('SIGKILL')
    await ended
    sink.closeAllConnections()
    sink.close()
    await rm(directory, { recursive: true })
  }
  const listening = (async () => {
    for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
      const event = JSON.parse(line) as { event: string; port: number }
      if (event.event === 'listen') return event.port
    }
    return null
  })()
  const port = await listening
  if (port === null) {
    await close()
    throw new Error(`workerd did not start: ${Buffer.concat(said).toString()}`)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    points,
    written: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (points.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close,
  }
}
