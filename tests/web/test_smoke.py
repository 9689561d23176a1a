def test_all(nurse, person_id, link_worker, navigator):
    for p in ['/people','/people/add',f'/people/{person_id}/template','/directory']:
        r=nurse.get(p); print(p, r.status_code, len(r.data)); assert r.status_code==200, r.text
    r=nurse.save(person_id,{'urgent':['no_food'],'housing.screen':'need','housing.condition':['damp'],'housing.wants-help':'yes-now','energy.screen':'need','energy.warm':'cost','energy.wants-help':'yes-now','household':'under5','tenure':'private'})
    print(r.status_code, r.headers.get('location')); assert r.status_code==303, r.text
    for p in [f'/people/{person_id}/template',f'/people/{person_id}/plan',f'/people/{person_id}/refer?domain=housing',f'/people/{person_id}/private',f'/people/{person_id}/leaflet','/people']:
        r=nurse.get(p); print(p, r.status_code, len(r.data)); assert r.status_code==200, r.text
    r=link_worker.get('/worklist'); assert r.status_code==200
