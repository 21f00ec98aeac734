import { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { locale, pacs, readWard, TEXTS, tokenFor } from './his.js';

/** React 19 sets properties of custom elements and listens to their events by `on` and the event's name. */
function Images({ patient, onStudy, onFailure }) {
  // Another function for each patient and none for each rendering: a new provider is a new identity.
  const tokenProvider = useMemo(() => tokenFor(patient), [patient]);
  return (
    <filmless-viewer
      server={pacs}
      patient={patient}
      locale={locale}
      tokenProvider={tokenProvider}
      onfilmless-study-open={(event) => onStudy(event.detail)}
      onfilmless-error={(event) => onFailure(event.detail)}
    />
  );
}

function Workstation() {
  const [patients, setPatients] = useState([]);
  const [current, setCurrent] = useState('');
  const [line, setLine] = useState('');
  useEffect(() => {
    readWard().then((ward) => {
      setPatients(ward.patients);
      setCurrent(ward.patients[0].id);
    });
  }, []);
  const choose = (id) => {
    setCurrent(id);
    setLine('');
  };
  return (
    <>
      <nav>
        {patients.map(({ id, bed, name }) => (
          <button
            key={id}
            type="button"
            data-patient={id}
            aria-current={id === current}
            onClick={() => choose(id)}
          >{`${bed} ${name[locale]}`}</button>
        ))}
      </nav>
      <main>
        <p>{line}</p>
        {current && (
          <Images
            patient={current}
            onStudy={({ seriesCount }) => setLine(TEXTS.opened(seriesCount))}
            onFailure={({ code }) => setLine(TEXTS.failed(code))}
          />
        )}
      </main>
    </>
  );
}

createRoot(document.getElementById('app')).render(<Workstation />);
