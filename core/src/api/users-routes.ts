import { z } from 'zod';
import { FilmlessError } from '../errors.ts';
import { identityOf, needs, param, SIGNED_IN } from '../http/route-parts.ts';
import { rowLimitsSchema } from '../security/row-limits.ts';
import type { SignIn } from '../security/sign-in.ts';
import { displayNameSchema, normalizeUserName, passwordSchema, userNameSchema } from '../security/user-rules.ts';
import type { UserAccount } from '../security/users.ts';
import type { ApiRoutes } from './services.ts';

const rolesSchema = z.array(z.string().max(64)).max(16);
const createBody = z.strictObject({
  name: userNameSchema,
  displayName: displayNameSchema,
  roles: rolesSchema,
  password: passwordSchema.optional().describe('May be left out for a service account'),
  limits: rowLimitsSchema.nullable().optional(),
  mustChangePassword: z.boolean().optional().describe('The password is good for setting another alone'),
  kind: z.enum(['user', 'service']).default('user'),
});
const updateBody = z.strictObject({
  displayName: displayNameSchema.optional(),
  roles: rolesSchema.optional(),
  disabled: z.boolean().optional(),
  limits: rowLimitsSchema.nullable().optional(),
});
const roleBody = z.strictObject({ permissions: z.array(z.string().max(64)).max(200).nullable() });
const passwordBody = z.strictObject({
  password: passwordSchema,
  mustChange: z.boolean().default(false).describe('For another’s: it is good for setting another alone'),
  currentPassword: z.string().max(1024).optional().describe('Needed for one’s own'),
});

/** Local accounts. */
export const usersRoutes: ApiRoutes = ({ services, log }) => [
  {
    method: 'GET',
    path: '/api/roles',
    policy: needs('user.manage'),
    summary: 'Roles and what each may do',
    handle() {
      const { roles } = services().security;
      return {
        body: roles.list().map((role) => ({
          ...role,
          set: roles.isSet(role.id),
          permissions: [...roles.permissionsOf([role.id])].sort(),
        })),
      };
    },
  },
  {
    method: 'PUT',
    path: '/api/roles/:role',
    policy: needs('user.manage'),
    summary: 'Sets what a role may do; null lets it follow core and the plugins again',
    requestSchema: z.toJSONSchema(roleBody),
    async handle(request) {
      const { permissions } = roleBody.parse(await request.json());
      const { roles, documents } = services().security;
      await roles.set(documents, param(request, 'role'), permissions ?? undefined);
      log.info({ audit: 'role.update', who: identityOf(request).id, target: param(request, 'role') }, 'role changed');
      return { status: 204, audit: { detail: permissions ? permissions.join(' ') : 'as it comes' } };
    },
  },
  {
    method: 'GET',
    path: '/api/permissions',
    policy: needs('user.manage'),
    summary: "Permissions there are: core's and those of plugins",
    handle: () => ({ body: services().security.roles.permissions() }),
  },
  {
    method: 'GET',
    path: '/api/users',
    policy: needs('user.manage'),
    summary: 'All accounts',
    handle: async () => ({ body: (await services().security.users.list()).map(shown) }),
  },
  {
    method: 'POST',
    path: '/api/users',
    policy: needs('user.manage'),
    summary: 'Makes an account',
    requestSchema: z.toJSONSchema(createBody, { io: 'input' }),
    async handle(request) {
      const { limits, ...given } = createBody.parse(await request.json());
      const account = await services().security.users.create({
        ...given,
        ...(limits === undefined ? {} : { limits }),
      });
      log.info({ audit: 'user.create', who: identityOf(request).id, target: account.name }, 'user made');
      return {
        status: 201,
        body: shown(account),
        audit: { target: `POST /api/users ${account.name}`, detail: rightsOf(account) },
      };
    },
  },
  {
    method: 'PUT',
    path: '/api/users/:name',
    policy: needs('user.manage'),
    summary: 'Changes name, roles, row limits, or whether the account is disabled, which ends its sessions',
    requestSchema: z.toJSONSchema(updateBody, { io: 'input' }),
    async handle(request) {
      const { displayName, roles, disabled, limits } = updateBody.parse(await request.json());
      const account = await services().security.users.update(param(request, 'name'), {
        ...(displayName === undefined ? {} : { displayName }),
        ...(roles === undefined ? {} : { roles }),
        ...(disabled === undefined ? {} : { disabled }),
        ...(limits === undefined ? {} : { limits }),
      });
      log.info({ audit: 'user.update', who: identityOf(request).id, target: account.name }, 'user changed');
      return { body: shown(account), audit: { detail: rightsOf(account) } };
    },
  },
  {
    method: 'DELETE',
    path: '/api/users/:name',
    policy: needs('user.manage'),
    summary: 'Removes an account and ends its sessions',
    async handle(request) {
      const name = normalizeUserName(param(request, 'name'));
      await services().security.users.remove(name);
      log.info({ audit: 'user.remove', who: identityOf(request).id, target: name }, 'user removed');
      return { status: 204 };
    },
  },
  {
    method: 'PUT',
    path: '/api/users/:name/password',
    policy: SIGNED_IN,
    summary:
      "Sets a password: one's own with the current one, another's with user.manage. Ends all sessions of the account",
    requestSchema: z.toJSONSchema(passwordBody, { io: 'input' }),
    async handle(request) {
      const { users, signIn, service } = services().security;
      const identity = identityOf(request);
      const name = normalizeUserName(param(request, 'name'));
      const own = (identity.kind === 'user' || identity.kind === 'service') && identity.id === name;
      if (!own) service.require(identity, 'user.manage');
      const { password, currentPassword, mustChange } = passwordBody.parse(await request.json());
      if (own) {
        if (currentPassword === undefined)
          throw new FilmlessError('INVALID_REQUEST', "currentPassword: needed to change one's own password");
        await proveOwn(signIn, name, currentPassword, request.address ?? '');
        if (password.normalize('NFC') === currentPassword.normalize('NFC'))
          throw new FilmlessError('INVALID_REQUEST', 'password: must be another than before');
      }
      await users.setPassword(name, password, { mustChange: !own && mustChange });
      log.info({ audit: 'user.password', who: identity.id, target: name }, 'password set');
      return { status: 204 };
    },
  },
];

/** That it is really he who is signed in. A 401 would make clients think that the session has ended. @throws FORBIDDEN */
export async function proveOwn(
  signIn: Pick<SignIn, 'withPassword'>,
  name: string,
  currentPassword: string,
  address: string,
): Promise<void> {
  try {
    await signIn.withPassword(name, currentPassword, address);
  } catch (error) {
    const code = error instanceof FilmlessError ? error.code : undefined;
    // The password was right; the second factor was shown when the session began.
    if (code === 'SECOND_FACTOR_NEEDED') return;
    if (code === 'BAD_CREDENTIALS') throw new FilmlessError('FORBIDDEN', 'currentPassword: wrong');
    throw error;
  }
}

/** What an account may do and see after a change, for who reads the audit log. */
function rightsOf({ roles, limits, disabled }: UserAccount): string {
  const { departments, wards, patientIds, studyInstanceUids } = limits ?? {};
  const rows = [departments, wards, patientIds, studyInstanceUids].flatMap((part) => part ?? []);
  return [disabled ? 'disabled' : '', `roles ${roles.join(' ')}`, limits ? `sees ${rows.join(', ')}` : '']
    .filter((part) => part !== '')
    .join('; ');
}

function shown(account: UserAccount): object {
  const { credentialId: _credentialId, ...rest } = account;
  return rest;
}
