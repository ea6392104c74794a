import './style/all.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { loadWords } from './say.ts';

await loadWords();
const place = document.getElementById('dashboard');
if (place !== null) createRoot(place).render(<App />);
