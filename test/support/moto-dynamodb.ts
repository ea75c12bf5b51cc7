// DynamoDB as moto_server emulates it, for `npm run test:moto`. It can neither be stopped nor throttled.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { clientFor, createRevocationTable, dynamoDbEnvironment, type Dynalite } from './dynalite.ts'

export type RevocationTable = Pick<Dynalite, 'endpoint' | 'table' | 'client' | 'env' | 'close'>

/** `command`: path of moto_server. */
export async function startMotoTable(
  command: string,
  table = 'lanekeeper-revocations',
): Promise<RevocationTable> {
  const finder = createServer()
  await once(finder.listen(0, '127.0.0.1'), 'listening')
  const { port } = finder.address() as AddressInfo
  await new Promise((resolve) => finder.close(resolve))
  const child = spawn(command, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const endpoint = `http://127.0.0.1:${port}`
  const isUp = () =>
    fetch(`${endpoint}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`)
    await sleep(100)
  }
  const client = clientFor(endpoint)
  await createRevocationTable(client, table)
  return {
    endpoint,
    table,
    client,
    env: dynamoDbEnvironment(endpoint),
    async close() {
      client.destroy()
      child.kill()
      await once(child, 'exit')
    },
  }
}
