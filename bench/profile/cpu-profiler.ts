// Runs work under V8's profiler: that of this process, or that of workerd over its inspector.

import { Session } from 'node:inspector/promises'
import type { CpuProfile } from './profile.ts'

/** Microseconds between two samples. */
const INTERVAL = 100

export async function profileHere(work: () => Promise<unknown>): Promise<CpuProfile> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL })
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return profile
}

interface Reply {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export async function profileWorkerd(port: number, work: () => Promise<unknown>): Promise<CpuProfile> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    webSocketDebuggerUrl: string
  }[]
  const { pathname } = new URL(targets[0]!.webSocketDebuggerUrl)
  const socket = new WebSocket(`ws://127.0.0.1:${port}${pathname}`)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', () => reject(new Error('the inspector of workerd does not answer')), {
      once: true,
    })
  })
  const waiting = new Map<number, (reply: Reply) => void>()
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply)
  })
  let id = 0
  async function post<Result>(method: string, params: object = {}): Promise<Result> {
    const mine = ++id
    const replied = new Promise<Reply>((resolve) => waiting.set(mine, resolve))
    socket.send(JSON.stringify({ id: mine, method, params }))
    const { result, error } = await replied
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result as Result
  }
  await post('Profiler.enable')
  await post('Profiler.setSamplingInterval', { interval: INTERVAL })
  await post('Profiler.start')
  await work()
  const { profile } = await post<{ profile: CpuProfile }>('Profiler.stop')
  socket.close()
  return profile
}
