//! What people study and then work in. Texts are lists separated by `;`, the most frequent first.

/// A department and what goes with it.
pub(super) struct Field {
    /// How many people in a hundred are in it.
    pub share: u32,
    pub department: &'static str,
    pub skills: &'static str,
    pub tools: &'static str,
    pub frameworks: &'static str,
    pub titles: &'static str,
    pub certifications: &'static str,
    pub subjects: &'static str,
}

/// All fields; the shares sum up to 100.
pub(super) const FIELDS: &[Field] = &[
    Field {
        share: 26,
        department: "Computer Science",
        skills: "
            Software engineering; Python; Rust; SQL; Distributed systems; Java; Web development; Algorithms;
            Cloud architecture; Testing; TypeScript; C++; Security; Compilers; Functional programming; Haskell",
        tools: "
            PostgreSQL; Docker; Git; Kubernetes; Linux; Node.js; Redis; Kafka; Terraform; Rust; Go; C#; GraphQL;
            Elasticsearch; Prometheus; ClickHouse; Erlang/OTP",
        frameworks: "React; Spring Boot; Django; actix-web; Angular; Vue.js; .NET; Flutter; Rails; Svelte; Phoenix",
        titles: "
            Software Engineer; Senior Software Engineer; Backend Developer; Frontend Developer; Engineering Manager;
            Site Reliability Engineer; Solutions Architect; Tech Lead; Security Engineer; Compiler Engineer; CTO",
        certifications: "
            Cloud Practitioner; Kubernetes Administrator; Certified Scrum Master; Security Professional;
            PostgreSQL Professional",
        subjects: "
            job scheduler; chat service; compiler for a small language; search engine; bicycle route planner;
            key-value store; recipe app; build cache; chess engine; library catalogue",
    },
    Field {
        share: 12,
        department: "Data Science",
        skills: "
            Machine learning; Python; Statistics; Data visualisation; R; Deep learning; SQL; Natural language processing;
            Forecasting; Experiment design; Computer vision; Bayesian inference",
        tools: "Jupyter; PostgreSQL; Spark; Airflow; Pandas; dbt; Docker; Snowflake; Power BI; DuckDB; MLflow",
        frameworks: "PyTorch; TensorFlow; scikit-learn; FastAPI; Keras; Streamlit; JAX; Polars",
        titles: "
            Data Scientist; Data Analyst; Data Engineer; Machine Learning Engineer; Head of Data; Research Scientist;
            Quantitative Analyst; Biostatistician",
        certifications: "Data Engineer Associate; Machine Learning Specialty; Statistics with R; Data Analyst",
        subjects: "
            churn model; demand forecast; air quality map; speech recogniser; recommendation service; survey analysis;
            traffic simulation",
    },
    Field {
        share: 12,
        department: "Business Administration",
        skills: "
            Project management; Strategy; Negotiation; Marketing; Accounting; Product management; Controlling; Sales;
            Financial modelling; Operations; Market research; Business development; Change management",
        tools: "Excel; SAP; Salesforce; Jira; Power BI; Tableau; HubSpot; Confluence; NetSuite",
        frameworks: "Scrum; OKR; Kanban; Six Sigma; Balanced Scorecard; Lean; PRINCE2",
        titles: "
            Consultant; Product Manager; Project Manager; Account Manager; Marketing Manager; Founder; Controller;
            Chief Operating Officer; Business Analyst; Venture Partner",
        certifications: "Project Management Professional; Chartered Accountant; Six Sigma Green Belt; Scrum Product Owner",
        subjects: "
            market entry study; shop relaunch; pricing study; fair-trade start-up; merger of two branches; customer survey",
    },
    Field {
        share: 10,
        department: "Mechanical Engineering",
        skills: "
            CAD; Thermodynamics; Finite element analysis; Manufacturing; Mechatronics; Fluid dynamics; Quality management;
            Robotics; Materials science; Tribology",
        tools: "SolidWorks; MATLAB; AutoCAD; CATIA; Ansys; LabVIEW; Python; Simulink; OpenFOAM",
        frameworks: "ISO 9001; Lean Manufacturing; Six Sigma; ROS; Modelica",
        titles: "
            Mechanical Engineer; Design Engineer; Production Manager; Test Engineer; Robotics Engineer; Quality Manager;
            Head of Development; Turbine Specialist",
        certifications: "Professional Engineer; Welding Inspector; Six Sigma Black Belt; Machinery Safety",
        subjects: "wind turbine; gear box; exoskeleton; water pump; racing car; heat exchanger; satellite hinge",
    },
    Field {
        share: 8,
        department: "Electrical Engineering",
        skills: "
            Embedded systems; Circuit design; Signal processing; Control theory; Power electronics; C; VHDL; Antennas;
            Photonics; Smart grids",
        tools: "KiCad; MATLAB; Altium; Oscilloscope; STM32; LTspice; Yocto; FPGA; Zephyr",
        frameworks: "FreeRTOS; AUTOSAR; Qt; Zephyr; IEC 61508; Embassy",
        titles: "
            Embedded Engineer; Hardware Engineer; Control Engineer; Grid Planner; Signal Processing Engineer; Lab Manager;
            Chip Designer",
        certifications: "Functional Safety Engineer; Electrical Safety; Certified LabVIEW Developer",
        subjects: "solar charger; hearing aid; radio receiver; battery monitor; weather station; drone controller",
    },
    Field {
        share: 7,
        department: "Medicine",
        skills: "
            Patient care; Diagnostics; Clinical research; Emergency medicine; Cardiology; Surgery; Epidemiology; Radiology;
            Paediatrics; Palliative care",
        tools: "Electronic health records; SPSS; REDCap; Ultrasound; PACS; R",
        frameworks: "Good Clinical Practice; GRADE; PRISMA; ISO 13485",
        titles: "
            Resident Physician; Surgeon; Clinical Researcher; Paediatrician; Medical Director; General Practitioner;
            Radiologist; Epidemiologist",
        certifications: "Advanced Life Support; Good Clinical Practice; Board Certification; Radiation Protection",
        subjects: "vaccination campaign; sleep study; hospital ward app; screening programme; first-aid course",
    },
    Field {
        share: 6,
        department: "Law",
        skills: "
            Contract law; Data protection; Legal research; Litigation; Compliance; Mediation; Intellectual property;
            Tax law; Maritime law",
        tools: "Westlaw; Word; Contract management; DATEV; e-Discovery",
        frameworks: "GDPR; ISO 27001; UNCITRAL; Basel III",
        titles: "Associate; Legal Counsel; Judge; Notary; Data Protection Officer; Partner; Compliance Officer; Mediator",
        certifications: "Bar Examination; Certified Mediator; Data Protection Officer; Tax Adviser",
        subjects: "moot court; legal clinic; whistle-blower guide; patent survey; open licence guide",
    },
    Field {
        share: 6,
        department: "Psychology",
        skills: "
            Counselling; Statistics; Interviewing; Research methods; Cognitive therapy; Human factors; Assessment;
            Neuropsychology",
        tools: "SPSS; R; Qualtrics; E-Prime; MAXQDA; JASP",
        frameworks: "DSM-5; ICD-11; Motivational Interviewing; Design Thinking",
        titles: "Psychologist; UX Researcher; Therapist; HR Manager; Counsellor; School Psychologist; Research Associate",
        certifications: "Licensed Psychotherapist; Systemic Coach; User Experience Professional",
        subjects: "memory study; peer-support line; onboarding study; reading test; mindfulness course",
    },
    Field {
        share: 5,
        department: "Architecture",
        skills: "
            Sketching; Building information modelling; Urban planning; Sustainable design; Model making; Site supervision;
            Heritage conservation; Timber construction",
        tools: "Revit; ArchiCAD; Rhino; SketchUp; QGIS; Blender; InDesign",
        frameworks: "LEED; DGNB; BREEAM; openBIM; Passive House",
        titles: "Architect; Urban Planner; BIM Manager; Interior Designer; Site Manager; Landscape Architect; Conservator",
        certifications: "Chartered Architect; LEED Accredited Professional; Passive House Designer",
        subjects: "school extension; timber bridge; community garden; station square; market hall; library roof",
    },
    Field {
        share: 5,
        department: "Life Sciences",
        skills: "
            Molecular biology; Genetics; Microscopy; Bioinformatics; Cell culture; Ecology; Biochemistry; Mass spectrometry;
            Mycology",
        tools: "PCR; ImageJ; R; Python; BLAST; Nextflow; Galaxy; Cryo-EM",
        frameworks: "Good Laboratory Practice; Bioconductor; ISO 17025; FAIR data",
        titles: "Lab Scientist; Research Associate; Bioinformatician; Product Specialist; Ecologist; Group Leader; Curator",
        certifications: "Good Laboratory Practice; Biosafety; Radiation Protection; Scientific Diver",
        subjects: "river survey; protein atlas; yeast screen; bee monitoring; gene panel; seed bank",
    },
    Field {
        share: 3,
        department: "Media & Design",
        skills: "Typography; Illustration; User interface design; Video editing; Photography; Copywriting; Animation; Printmaking",
        tools: "Figma; Photoshop; Illustrator; Premiere; Blender; After Effects; Procreate",
        frameworks: "Design systems; Atomic Design; Material Design; WCAG",
        titles: "UX Designer; Art Director; Journalist; Film Editor; Illustrator; Communication Manager; Type Designer",
        certifications: "Accessibility Specialist; Certified Photographer; Content Strategist",
        subjects: "short film; museum guide; type family; student magazine; city podcast; poster series",
    },
];

/// What anybody may be good at, whatever the field.
pub(super) const COMMUNICATION: &str = "
    Presenting; Writing; Public speaking; Active listening; Facilitation; Teaching; Negotiation; Storytelling;
    Moderation; Interpreting; Debating; Technical writing; Sign language";

/// As [`COMMUNICATION`].
pub(super) const SOFT_SKILLS: &str = "
    Teamwork; Leadership; Curiosity; Patience; Adaptability; Time management; Empathy; Reliability; Creativity;
    Critical thinking; Mentoring; Humour; Composure; Attention to detail";

/// As [`COMMUNICATION`].
pub(super) const HOBBIES: &str = "
    Hiking; Reading; Cooking; Photography; Football; Chess; Cycling; Travelling; Yoga; Piano; Gardening; Climbing;
    Swimming; Board games; Running; Guitar; Painting; Bird-watching; Sailing; Baking; Choir; Dancing; Astronomy;
    Volleyball; Pottery; Beekeeping; Calligraphy; Fencing; Origami; Curling";

/// Spoken languages.
pub(super) const LANGUAGES: &str = "
    English; Spanish; German; French; Hindi; Mandarin; Arabic; Portuguese; Italian; Japanese; Russian; Turkish; Polish;
    Dutch; Korean; Swedish; Greek; Tamil; Bengali; Vietnamese; Swahili; Yoruba; Czech; Danish; Finnish; Catalan;
    Ukrainian; Welsh; Icelandic; Basque";

/// How well a language is spoken.
pub(super) const LEVELS: &str = "native; C1; B2; C2; B1; A2";

/// What people build their projects for.
pub(super) const PURPOSES: &str = "
    in a team of four; as a thesis; for a local association; with a partner company; for a summer school;
    as open source; for the regional museum; in a hackathon; with three universities";

/// What people say they care about.
pub(super) const INTERESTS: &str = "
    good teams; clean solutions; lifelong learning; open knowledge; the energy transition; fair technology;
    the places we live in; mentoring students; small things done well; better public services";
