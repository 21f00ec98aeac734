import '@vaadin/button';
import '@vaadin/checkbox';
import '@vaadin/dialog';
import '@vaadin/select';
import '@vaadin/text-field';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { DeviceCapabilities, DeviceInput } from '../../api/devices.ts';
import { FilmlessElement } from '../../components/element.ts';
import '../../components/error-note.ts';
import { t } from '../../i18n/index.ts';
import { shared } from '../../styles/shared.ts';
import { type FieldEvent, listOf } from '../security/form-styles.ts';
import { CHARACTER_SETS, deviceProblems, NEW_DEVICE } from './device-rules.ts';

/**
 * Form of one device, for adding, changing and approving.
 * @event done closed, saved or not
 */
@customElement('fl-device-dialog')
export class DeviceDialog extends FilmlessElement {
  @property() heading = '';
  @property() action = '';
  @property({ attribute: false }) device: DeviceInput = NEW_DEVICE;
  /** The AE title is what the device is known by: it stays. */
  @property({ type: Boolean }) fixedAeTitle = false;
  /** Without what an approval does not ask. */
  @property({ type: Boolean }) brief = false;
  @property({ attribute: false }) takenAeTitles: readonly string[] = [];
  @property({ attribute: false }) save: (device: DeviceInput) => Promise<void> = async () => undefined;
  @state() private draft: DeviceInput = this.device;
  @state() private tried = false;
  @state() private busy = false;
  @state() private error: unknown;

  static override styles = [
    shared,
    css`
      .form {
        display: grid;
        grid-template-columns: 2fr 1fr;
        gap: 4px 12px;
        width: min(520px, 86vw);
      }
      .wide,
      fl-error-note {
        grid-column: 1 / -1;
      }
      .help {
        margin: 0 0 4px;
        font-size: var(--filmless-font-size-small);
      }
      fieldset {
        margin: 4px 0 0;
        padding: 0;
        border: 0;
        display: flex;
        flex-wrap: wrap;
        gap: 0 12px;
      }
      legend {
        padding: 0;
        font-size: var(--filmless-font-size-table);
        color: var(--filmless-text-secondary);
      }
      vaadin-text-field,
      vaadin-select {
        width: 100%;
      }
    `,
  ];

  /** Taken once: what is being typed survives a refresh of the list behind. */
  override willUpdate(): void {
    if (!this.hasUpdated) this.draft = { ...this.device };
  }

  async #save(): Promise<void> {
    this.tried = true;
    this.error = undefined;
    if (this.busy || Object.keys(deviceProblems(this.draft, this.takenAeTitles)).length > 0) return;
    this.busy = true;
    try {
      await this.save(this.draft);
      this.emit('done');
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  #field(
    key: 'aeTitle' | 'title' | 'address' | 'department' | 'port' | 'certificate',
    label: string,
    help: string,
    options: { wide?: boolean; readonly?: boolean } = {},
  ) {
    const problem = this.tried ? deviceProblems(this.draft, this.takenAeTitles)[key] : undefined;
    const value = this.draft[key];
    return html`<vaadin-text-field
      class=${options.wide ? 'wide' : ''}
      .label=${label}
      .helperText=${help}
      .readonly=${options.readonly ?? false}
      manual-validation
      autocomplete="off"
      .value=${typeof value === 'number' && Number.isNaN(value) ? '' : String(value)}
      .invalid=${problem !== undefined}
      .errorMessage=${problem ?? ''}
      @input=${(event: Event & { currentTarget: HTMLElement & { value: string } }) => {
        const text = event.currentTarget.value;
        this.draft = {
          ...this.draft,
          [key]:
            key === 'port'
              ? /^\d+$/.test(text.trim())
                ? Number(text)
                : Number.NaN
              : key === 'title' || key === 'department'
                ? text
                : text.trim(),
        };
      }}
    ></vaadin-text-field>`;
  }

  #more() {
    type Box = Event & { currentTarget: HTMLElement & { checked: boolean } };
    const { capabilities } = this.draft;
    return html`<vaadin-checkbox
        class="wide"
        .label=${t.devices.checkAddress}
        .checked=${this.draft.checkAddress}
        @change=${(event: Box) => {
          this.draft = { ...this.draft, checkAddress: event.currentTarget.checked };
        }}
      ></vaadin-checkbox>
      <fieldset class="wide">
        <legend>${t.devices.capabilities}</legend>
        ${(Object.keys(capabilities) as (keyof DeviceCapabilities)[]).map(
          (key) => html`<vaadin-checkbox
            .label=${t.devices.capability[key]}
            .checked=${capabilities[key]}
            @change=${(event: Box) => {
              this.draft = { ...this.draft, capabilities: { ...capabilities, [key]: event.currentTarget.checked } };
            }}
          ></vaadin-checkbox>`,
        )}
      </fieldset>
      <vaadin-text-field
        class="wide"
        .label=${t.devices.departments}
        .helperText=${t.devices.departmentsHelp}
        autocomplete="off"
        .value=${this.draft.departments.join(', ')}
        @change=${({ currentTarget }: FieldEvent) => {
          this.draft = { ...this.draft, departments: listOf(currentTarget.value) };
        }}
      ></vaadin-text-field>
      <vaadin-checkbox
        class="wide"
        .label=${t.devices.tls}
        .helperText=${t.devices.tlsHelp}
        .checked=${this.draft.tls}
        @change=${(event: Box) => {
          this.draft = { ...this.draft, tls: event.currentTarget.checked };
        }}
      ></vaadin-checkbox>
      ${this.draft.tls ? this.#field('certificate', t.devices.certificate, t.devices.certificateHelp, { wide: true }) : nothing}`;
  }

  override render() {
    const sets: { value: string; label: string }[] = CHARACTER_SETS.map((value) => ({
      value,
      label: value === '' ? t.devices.characterSetNone : value,
    }));
    if (!sets.some((set) => set.value === this.draft.characterSet))
      sets.push({ value: this.draft.characterSet, label: this.draft.characterSet });
    return html`<vaadin-dialog opened .headerTitle=${this.heading} @closed=${() => this.emit('done')}>
      <div class="form">
        ${this.#field('aeTitle', t.devices.aeTitle, t.devices.aeTitleHelp, { wide: true, readonly: this.fixedAeTitle })}
        ${this.#field('title', t.devices.deviceTitle, t.devices.deviceTitleHelp, { wide: true })} ${this.#field('address', t.devices.address, t.devices.addressHelp)}
        ${this.#field('port', t.devices.port, '')}
        <p class="wide secondary help">${t.devices.portHelp}</p>
        ${this.#field('department', t.devices.department, t.devices.departmentHelp, { wide: true })}
        <vaadin-select
          class="wide"
          .label=${t.devices.characterSet}
          .helperText=${t.devices.characterSetHelp}
          .items=${sets}
          .value=${this.draft.characterSet}
          @value-changed=${(event: CustomEvent<{ value: string }>) => {
            if (event.detail.value !== this.draft.characterSet)
              this.draft = { ...this.draft, characterSet: event.detail.value };
          }}
        ></vaadin-select>
        ${this.brief ? nothing : this.#more()}
        <fl-error-note .error=${this.error}></fl-error-note>
      </div>
      <div slot="footer">
        <vaadin-button @click=${() => this.emit('done')}>${t.common.cancel}</vaadin-button>
        <vaadin-button theme="primary" ?disabled=${this.busy} @click=${() => void this.#save()}>${this.action || t.common.save}</vaadin-button>
      </div>
    </vaadin-dialog>`;
  }
}
