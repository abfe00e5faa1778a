const add = (tag, text) => document.querySelector("main")
  .appendChild(Object.assign(document.createElement(tag), { textContent: text }));
fetch("/api/v1/asyncapi.json").then(answer => answer.json()).then(api => {
  document.querySelector("#about").textContent = api.info.description;
  for (const operation of Object.values(api.operations)) {
    add("h2", operation.summary);
    for (const { $ref } of operation.messages) {
      const message = api.components.messages[$ref.split("/").pop()];
      add("h3", message.name);
      add("p", message.summary);
      add("pre", JSON.stringify(message.payload.properties, null, 1));
    }
  }
  add("h2", "What they are made of");
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    add("h3", name);
    add("p", schema.description ?? "");
    add("pre", JSON.stringify(schema.example ?? schema.enum ?? schema.properties ?? schema, null, 1));
  }
});
