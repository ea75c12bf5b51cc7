// A Worker that does nothing: its start is that of workerd.

export default { fetch: async (): Promise<Response> => new Response('{}') }
