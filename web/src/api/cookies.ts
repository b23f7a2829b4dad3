/** The cookies that this script may read: the values that show the server that a request comes from this page. */

const ACCESS = 'lendloom_csrf';
const REFRESH = 'lendloom_refresh_csrf';

function cookie(name: string): string | undefined {
  const found = document.cookie.split('; ').find((each) => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1) || undefined;
}

/** Sent as `X-CSRF-TOKEN` with everything that changes something. */
export const accessCsrf = () => cookie(ACCESS);

/** Sent when a session is renewed. */
export const refreshCsrf = () => cookie(REFRESH);

/** Whether somebody has been signed in on this browser; without, nothing needs to be asked. */
export const mayHaveSession = () => accessCsrf() !== undefined || refreshCsrf() !== undefined;
