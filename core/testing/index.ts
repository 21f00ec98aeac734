/** Contract suites, phantoms and scripted peers that core's and every plugin's tests share. */
export {};
