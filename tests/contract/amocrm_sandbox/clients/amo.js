// Drives @shevernitskiy/amo against the stand-in named by the announcement in argv[2]; prints one JSON line.
const { Amo } = require("@shevernitskiy/amo");

const told = JSON.parse(process.argv[2]);
const auth = {
  grant_type: "authorization_code",
  code: told.code,
  client_id: told.client_id,
  client_secret: told.client_secret,
  redirect_uri: told.redirect_uri,
};
const amo = new Amo(new URL(told.url).host, auth, { request_delay: 0 });
const ids = (list) => list.map((item) => item.id);

async function failure(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return error.message.split(",")[0];
  }
}

async function main() {
  const leads = await amo.lead.getLeads({ limit: 2, with: ["contacts", "catalog_elements"] });
  const moved = await amo.lead.updateLeads([
    { id: 70001, status_id: 61003 },
    { id: 70002, status_id: 61003 },
  ]);
  const paid = { field_code: "BILL_STATUS", values: [{ enum_code: "paid" }] };
  const invoices = await amo.catalog.updateCatalogElements(7301, [{ id: 880101, custom_fields_values: [paid] }]);
  return {
    leads: ids(leads._embedded.leads),
    invoices: leads._embedded.leads.map((lead) => ids(lead._embedded.catalog_elements)),
    moved: ids(moved._embedded.leads),
    paid: ids(invoices._embedded.elements),
    wrong: await failure(() => amo.lead.updateLeads([{ id: 70001, status_id: 99 }])),
    absent: await failure(() => amo.lead.getLeadById(999)),
  };
}

main().then(
  (done) => console.log(JSON.stringify(done)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
