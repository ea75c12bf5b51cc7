/**
 * The storage of the local authorization server: codes, grants, sessions, opaque tokens. Each server has its own store,
 * so that two issuers in one process share nothing. The store has no index and evicts nothing, because the library
 * checks every expiry and a demo is short.
 */
import type { Adapter, StoredPayload } from 'oidc-provider'

export function createMemoryStore(): (model: string) => Adapter {
  const models = new Map<string, Map<string, StoredPayload>>()

  return (model) => {
    const entries = new Map<string, StoredPayload>()
    models.set(model, entries)

    const findWhere = (matches: (payload: StoredPayload) => boolean) =>
      Promise.resolve([...entries.values()].find(matches))

    return {
      async upsert(id, payload) {
        entries.set(id, payload)
      },
      async find(id) {
        return entries.get(id)
      },
      findByUid: (uid) => findWhere((payload) => payload.uid === uid),
      findByUserCode: (userCode) => findWhere((payload) => payload.userCode === userCode),
      async consume(id) {
        const payload = entries.get(id)
        if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        entries.delete(id)
      },
      async revokeByGrantId(grantId) {
        for (const modelEntries of models.values()) {
          for (const [id, payload] of modelEntries) if (payload.grantId === grantId) modelEntries.delete(id)
        }
      },
    }
  }
}
