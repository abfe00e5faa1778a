//! Where people live, study and work. Schools and companies are invented.

/// Places, the most frequent first.
pub(super) const LOCATIONS: &str = "
    London, United Kingdom; Bengaluru, India; Berlin, Germany; New York, USA; Paris, France;
    Singapore; Madrid, Spain; Toronto, Canada; Mumbai, India; Amsterdam, Netherlands;
    Tokyo, Japan; San Francisco, USA; Zürich, Switzerland; Hyderabad, India; Dublin, Ireland;
    München, Germany; Sydney, Australia; Barcelona, Spain; Shanghai, China; Lagos, Nigeria;
    Seattle, USA; Stockholm, Sweden; Warsaw, Poland; Chennai, India;
    Dubai, United Arab Emirates; São Paulo, Brazil; Boston, USA; Seoul, South Korea;
    Milan, Italy; Vienna, Austria; Copenhagen, Denmark; Nairobi, Kenya; Lyon, France;
    Pune, India; Hamburg, Germany; Lisbon, Portugal; Prague, Czechia; Cairo, Egypt;
    Istanbul, Türkiye; Manchester, United Kingdom; Austin, USA; Oslo, Norway; Accra, Ghana;
    Helsinki, Finland; Köln, Germany; Melbourne, Australia; Hà Nội, Vietnam;
    Edinburgh, United Kingdom; Mexico City, Mexico; Bogotá, Colombia; Taipei, Taiwan;
    Αθήνα, Ελλάδα; Brussels, Belgium; Cape Town, South Africa; Kraków, Poland; Rome, Italy;
    Київ, Україна; Buenos Aires, Argentina; Łódź, Poland; Remote; Reykjavík, Iceland;
    Valparaíso, Chile";

/// Schools that people went to before or after this one.
pub(super) const SCHOOLS: &str = "
    Northgate University; Riverside Institute of Technology; Hochschule am Kanal;
    Saint Odile College; Universidad del Faro; Lakeside College; Institut Beaurivage;
    Greenfield University; Harbour Polytechnic; Politechnika Zielona;
    Eastern Plains University; Istituto Montechiaro; Kestrel Business School;
    Old Mill School of Design; Coastal University; Institute of Applied Sciences Hofbach";

/// A company is one of these, and a kind.
pub(super) const COMPANY_STEMS: &str = "
    Quillmere; Brightfen; Halvorn; Tessaline; Corvanta; Oakhollow; Zephyrine; Lumenara;
    Ferrowick; Marisol Bay; Skyrelle; Drumlane; Ostergaard & Finch; Velloria; Kintara;
    Pinebarrow; Solvantis; Ravensmere; Arkadine; Nimbrook; Castelverde; Thornleigh; Aurivane;
    Bluecairn; Grünwerk; Élanor; Maplethorpe; Oriveda; Stellwagen; Cinderhall; Yarrowby;
    Pellucid; Wexley & Moor; Juniperra";

/// What a company calls itself, the most frequent first.
pub(super) const COMPANY_KINDS: &str = "
    Systems; Labs; Consulting; Software; Group; Health; Energy; Analytics; Robotics; Partners;
    Logistics; Foundation";
