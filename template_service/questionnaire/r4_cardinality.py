"""Which elements of R4 repeat, and which a resource must have.

Facts of the R4 resource and datatype pages (https://hl7.org/fhir/R4/resourcelist.html), for the
resources that forms are extracted into and for every datatype; a datatype without a repeating
element of its own is left out. `contained`, `extension` and `modifierExtension` repeat
everywhere.
"""

from collections.abc import Mapping

REPEATING: Mapping[str, str] = {
    "Account": "coverage guarantor identifier subject",
    "AdverseEvent": (
        "category contributor referenceDocument resultingCondition study subjectMedicalHistory "
        "suspectEntity suspectEntity.causality"
    ),
    "AllergyIntolerance": "category identifier note reaction reaction.manifestation reaction.note",
    "Appointment": (
        "basedOn identifier participant participant.type reasonCode reasonReference "
        "requestedPeriod serviceCategory serviceType slot specialty supportingInformation"
    ),
    "AppointmentResponse": "identifier participantType",
    "Basic": "identifier",
    "BodyStructure": "identifier image locationQualifier",
    "CarePlan": (
        "activity activity.detail.goal activity.detail.instantiatesCanonical "
        "activity.detail.instantiatesUri activity.detail.performer activity.detail.reasonCode "
        "activity.detail.reasonReference activity.outcomeCodeableConcept "
        "activity.outcomeReference activity.progress addresses basedOn careTeam category "
        "contributor goal identifier instantiatesCanonical instantiatesUri note partOf replaces "
        "supportingInfo"
    ),
    "CareTeam": (
        "category identifier managingOrganization note participant participant.role reasonCode "
        "reasonReference telecom"
    ),
    "ClinicalImpression": (
        "finding identifier investigation investigation.item note problem "
        "prognosisCodeableConcept prognosisReference protocol supportingInfo"
    ),
    "Communication": (
        "about basedOn category identifier inResponseTo instantiatesCanonical instantiatesUri "
        "medium note partOf payload reasonCode reasonReference recipient"
    ),
    "CommunicationRequest": (
        "about basedOn category identifier medium note payload reasonCode reasonReference "
        "recipient replaces"
    ),
    "Composition": (
        "attester author category event event.code event.detail relatesTo section section.author "
        "section.entry section.section"
    ),
    "Condition": (
        "bodySite category evidence evidence.code evidence.detail identifier note stage "
        "stage.assessment"
    ),
    "Consent": (
        "category identifier organization performer policy provision.action provision.actor "
        "provision.class provision.code provision.data provision.provision provision.purpose "
        "provision.securityLabel verification"
    ),
    "Coverage": "class contract costToBeneficiary costToBeneficiary.exception identifier payor",
    "DetectedIssue": "evidence evidence.code evidence.detail identifier implicated mitigation",
    "Device": (
        "contact deviceName identifier note property property.valueCode property.valueQuantity "
        "safety specialization statusReason udiCarrier version"
    ),
    "DeviceRequest": (
        "basedOn identifier instantiatesCanonical instantiatesUri insurance note parameter "
        "priorRequest reasonCode reasonReference relevantHistory supportingInfo"
    ),
    "DeviceUseStatement": "basedOn derivedFrom identifier note reasonCode reasonReference",
    "DiagnosticReport": (
        "basedOn category conclusionCode identifier imagingStudy media performer presentedForm "
        "result resultsInterpreter specimen"
    ),
    "DocumentReference": (
        "author category content context.encounter context.event context.related identifier "
        "relatesTo securityLabel"
    ),
    "Encounter": (
        "account appointment basedOn classHistory diagnosis episodeOfCare "
        "hospitalization.dietPreference hospitalization.specialArrangement "
        "hospitalization.specialCourtesy identifier location participant participant.type "
        "reasonCode reasonReference statusHistory type"
    ),
    "EpisodeOfCare": "account diagnosis identifier referralRequest statusHistory team type",
    "FamilyMemberHistory": (
        "condition condition.note identifier instantiatesCanonical instantiatesUri note "
        "reasonCode reasonReference"
    ),
    "Flag": "category identifier",
    "Goal": "addresses category identifier note outcomeCode outcomeReference target",
    "Group": "characteristic identifier member",
    "HealthcareService": (
        "availableTime availableTime.daysOfWeek category characteristic communication "
        "coverageArea eligibility endpoint identifier location notAvailable program "
        "referralMethod serviceProvisionCode specialty telecom type"
    ),
    "Immunization": (
        "education identifier note performer programEligibility protocolApplied "
        "protocolApplied.targetDisease reaction reasonCode reasonReference subpotentReason"
    ),
    "ImmunizationRecommendation": (
        "identifier recommendation recommendation.contraindicatedVaccineCode "
        "recommendation.dateCriterion recommendation.forecastReason "
        "recommendation.supportingImmunization recommendation.supportingPatientInformation "
        "recommendation.vaccineCode"
    ),
    "List": "entry identifier note",
    "Location": (
        "alias endpoint hoursOfOperation hoursOfOperation.daysOfWeek identifier telecom type"
    ),
    "Media": "basedOn identifier note partOf reasonCode",
    "Medication": "identifier ingredient",
    "MedicationAdministration": (
        "device eventHistory identifier instantiates note partOf performer reasonCode "
        "reasonReference statusReason supportingInformation"
    ),
    "MedicationDispense": (
        "authorizingPrescription detectedIssue dosageInstruction eventHistory identifier note "
        "partOf performer receiver substitution.reason substitution.responsibleParty "
        "supportingInformation"
    ),
    "MedicationRequest": (
        "basedOn category detectedIssue dosageInstruction eventHistory identifier "
        "instantiatesCanonical instantiatesUri insurance note reasonCode reasonReference "
        "supportingInformation"
    ),
    "MedicationStatement": (
        "basedOn derivedFrom dosage identifier note partOf reasonCode reasonReference statusReason"
    ),
    "NutritionOrder": (
        "allergyIntolerance enteralFormula.administration excludeFoodModifier "
        "foodPreferenceModifier identifier instantiates instantiatesCanonical instantiatesUri "
        "note oralDiet.fluidConsistencyType oralDiet.nutrient oralDiet.schedule oralDiet.texture "
        "oralDiet.type supplement supplement.schedule"
    ),
    "Observation": (
        "basedOn category component component.interpretation component.referenceRange derivedFrom "
        "focus hasMember identifier interpretation note partOf performer referenceRange "
        "referenceRange.appliesTo"
    ),
    "Organization": "address alias contact contact.telecom endpoint identifier telecom type",
    "Patient": (
        "address communication contact contact.relationship contact.telecom generalPractitioner "
        "identifier link name photo telecom"
    ),
    "Person": "address identifier link name telecom",
    "Practitioner": (
        "address communication identifier name photo qualification qualification.identifier telecom"
    ),
    "PractitionerRole": (
        "availableTime availableTime.daysOfWeek code endpoint healthcareService identifier "
        "location notAvailable specialty telecom"
    ),
    "Procedure": (
        "basedOn bodySite complication complicationDetail focalDevice followUp identifier "
        "instantiatesCanonical instantiatesUri note partOf performer reasonCode reasonReference "
        "report usedCode usedReference"
    ),
    "Provenance": "agent agent.role entity entity.agent policy reason signature target",
    "QuestionnaireResponse": "basedOn item item.answer item.answer.item item.item partOf",
    "RelatedPerson": "address communication identifier name photo relationship telecom",
    "RequestGroup": (
        "action action.action action.code action.condition action.documentation "
        "action.participant action.relatedAction basedOn identifier instantiatesCanonical "
        "instantiatesUri note reasonCode reasonReference replaces"
    ),
    "RiskAssessment": "basis identifier note prediction reasonCode reasonReference",
    "Schedule": "actor identifier serviceCategory serviceType specialty",
    "ServiceRequest": (
        "basedOn bodySite category identifier instantiatesCanonical instantiatesUri insurance "
        "locationCode locationReference note orderDetail performer reasonCode reasonReference "
        "relevantHistory replaces specimen supportingInfo"
    ),
    "Slot": "identifier serviceCategory serviceType specialty",
    "Specimen": (
        "condition container container.identifier identifier note parent processing "
        "processing.additive request"
    ),
    "Task": (
        "basedOn identifier input insurance note output partOf performerType relevantHistory "
        "restriction.recipient"
    ),
    "VisionPrescription": (
        "identifier lensSpecification lensSpecification.note lensSpecification.prism"
    ),
    "Address": "line",
    "CodeableConcept": "coding",
    "ContactDetail": "telecom",
    "Contributor": "contact",
    "DataRequirement": ("codeFilter codeFilter.code dateFilter mustSupport profile sort"),
    "Dosage": "additionalInstruction doseAndRate",
    "ElementDefinition": (
        "alias code condition constraint example mapping representation slicing.discriminator "
        "type type.aggregation type.profile type.targetProfile"
    ),
    "HumanName": "given prefix suffix",
    "Meta": "profile security tag",
    "ProdCharacteristic": "color image imprint",
    "ProductShelfLife": "specialPrecautionsForStorage",
    "Signature": "type",
    "Timing": "event repeat.dayOfWeek repeat.timeOfDay repeat.when",
    "TriggerDefinition": "data",
}
"""Type -> its repeating elements, those of backbone elements with their path."""

REQUIRED: Mapping[str, str] = {
    "Account": "status",
    "AdverseEvent": "actuality subject",
    "AllergyIntolerance": "patient",
    "Appointment": "participant status",
    "AppointmentResponse": "appointment participantStatus",
    "Basic": "code",
    "BodyStructure": "patient",
    "CarePlan": "intent status subject",
    "ClinicalImpression": "status subject",
    "Communication": "status",
    "CommunicationRequest": "status",
    "Composition": "author date status title type",
    "Condition": "subject",
    "Consent": "category scope status",
    "Coverage": "beneficiary payor status",
    "DetectedIssue": "status",
    "DeviceRequest": "code[x] intent subject",
    "DeviceUseStatement": "device status subject",
    "DiagnosticReport": "code status",
    "DocumentReference": "content status",
    "Encounter": "class status",
    "EpisodeOfCare": "patient status",
    "FamilyMemberHistory": "patient relationship status",
    "Flag": "code status subject",
    "Goal": "description lifecycleStatus subject",
    "Group": "actual type",
    "Immunization": "occurrence[x] patient status vaccineCode",
    "ImmunizationRecommendation": "date patient recommendation",
    "List": "mode status",
    "Media": "content status",
    "MedicationAdministration": "effective[x] medication[x] status subject",
    "MedicationDispense": "medication[x] status",
    "MedicationRequest": "intent medication[x] status subject",
    "MedicationStatement": "medication[x] status subject",
    "NutritionOrder": "dateTime intent patient status",
    "Observation": "code status",
    "Procedure": "status subject",
    "Provenance": "agent recorded target",
    "QuestionnaireResponse": "status",
    "RelatedPerson": "patient",
    "RequestGroup": "intent status",
    "RiskAssessment": "status subject",
    "Schedule": "actor",
    "ServiceRequest": "intent status subject",
    "Slot": "end schedule start status",
    "Task": "intent status",
    "VisionPrescription": "created dateWritten lensSpecification patient prescriber status",
}
"""Resource -> the elements R4 requires at its top; a choice ends in `[x]`."""
