// A handler that does nothing: what is left is Node itself.

export const handler = async () => ({ isAuthorized: true })
