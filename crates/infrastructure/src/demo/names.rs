//! Names of people, by culture, the most frequent first.

/// First names and surnames that go together.
pub(super) struct Culture {
    /// How many people in a hundred have a name of it.
    pub share: u32,
    pub first: &'static str,
    pub last: &'static str,
}

/// All cultures; the shares sum up to 100.
pub(super) const CULTURES: &[Culture] = &[
    Culture {
        share: 18,
        first: "
            Ada; James; Mary; Oliver; Emma; William; Grace; Henry; Alice; Thomas; Charlotte;
            George; Lucy; Samuel; Hannah; Edward; Eleanor; Daniel; Rose; Arthur; Beatrice;
            Matthew; Harriet; Owen; Imogen; Callum; Niamh; Seán; Rhiannon; Tobias; Winifred",
        last: "
            Smith; Jones; Taylor; Brown; Williams; Wilson; Johnson; Davies; Robinson; Wright;
            Thompson; Evans; Walker; White; Roberts; Green; Hall; Wood; Jackson; Clarke;
            Lovelace; O'Brien; MacDonald; Ó Súilleabháin; Whitcombe; Ashdown; Fairweather;
            Penhaligon; Thistlewood",
    },
    Culture {
        share: 14,
        first: "
            Aarav; Priya; Rahul; Ananya; Arjun; Divya; Rohan; Kavya; Vikram; Meera; Aditya;
            Neha; Karthik; Pooja; Sanjay; Lakshmi; Nikhil; Shreya; Harish; Ishita; Manoj;
            Deepika; Suresh; Tanvi; Vivek; Revathi",
        last: "
            Sharma; Patel; Kumar; Singh; Reddy; Gupta; Iyer; Nair; Verma; Rao; Mehta; Joshi;
            Desai; Chatterjee; Menon; Banerjee; Kulkarni; Pillai; Bhat; Mukherjee; Deshpande;
            Choudhury; Krishnamurthy; Venkataraman; Subramanian",
    },
    Culture {
        share: 10,
        first: "
            Anna; Lukas; Lena; Felix; Sophie; Jonas; Marie; Maximilian; Julia; Paul; Katharina;
            Leon; Johanna; Moritz; Clara; Jürgen; Käthe; Günther; Bärbel; Matthias; Friederike;
            Sebastian; Annegret; Jörg; Wiebke",
        last: "
            Müller; Schmidt; Schneider; Fischer; Weber; Meyer; Wagner; Becker; Schulz; Hoffmann;
            Schäfer; Koch; Bauer; Richter; Klein; Wolf; Schröder; Neumann; Schwarz; Zimmermann;
            Krüger; Vogel; Großmann; Kästner; Überacker; Brückenmacher",
    },
    Culture {
        share: 8,
        first: "
            María; José; Carmen; Antonio; Lucía; Manuel; Sofía; Javier; Paula; Carlos; Elena;
            Diego; Inés; Álvaro; Valentina; Sergio; Martina; Andrés; Ximena; Iñaki; Rocío;
            Joaquín; Begoña",
        last: "
            García; Rodríguez; González; Fernández; López; Martínez; Sánchez; Pérez; Gómez;
            Martín; Jiménez; Ruiz; Hernández; Díaz; Moreno; Muñoz; Álvarez; Romero; Gutiérrez;
            Núñez; Ibáñez; Etxeberria; Zubizarreta",
    },
    Culture {
        share: 7,
        first: "
            Camille; Louis; Léa; Hugo; Chloé; Gabriel; Manon; Jules; Inès; Arthur; Élodie;
            Raphaël; Zoé; Théo; Amélie; François; Noémie; Gaël; Hélène; Loïc; Solène; Benoît",
        last: "
            Martin; Bernard; Dubois; Thomas; Robert; Richard; Petit; Durand; Leroy; Moreau;
            Lefèvre; Roux; Fournier; Girard; Mercier; Lambert; Chevalier; Gauthier; Lemaître;
            Beauséjour; D'Arvigny; Le Goff",
    },
    Culture {
        share: 7,
        first: "
            Wei; Li; Jing; Fang; Ming; Yan; Hao; Xiaoli; Jun; Mei; Lei; Ting; Jian; Ying; Bo;
            Xin; Qiang; Yue; Zhen; Ruolan; Haoran; Zixuan; Yichen",
        last: "
            Wang; Li; Zhang; Liu; Chen; Yang; Huang; Zhao; Wu; Zhou; Xu; Sun; Ma; Zhu; Hu; Guo;
            Lin; He; Gao; Luo; Zheng; Ouyang; Shangguan",
    },
    Culture {
        share: 4,
        first: "
            Haruto; Yui; Sota; Aoi; Ren; Sakura; Yuto; Hina; Kaito; Mio; Takumi; Rin; Kenji;
            Naoko; Hiroshi; Yuki; Daichi; Emi; Shinji; Kaori",
        last: "
            Sato; Suzuki; Takahashi; Tanaka; Watanabe; Ito; Yamamoto; Nakamura; Kobayashi; Kato;
            Yoshida; Yamada; Sasaki; Matsumoto; Inoue; Kimura; Hayashi; Shimizu; Kurosawa;
            Higashiyama",
    },
    Culture {
        share: 3,
        first: "
            Minjun; Seoyeon; Jihoon; Jiwoo; Hyunwoo; Minseo; Dohyun; Yuna; Junseo; Soojin;
            Taeyang; Eunji; Sungmin; Haeun",
        last: "
            Kim; Lee; Park; Choi; Jung; Kang; Cho; Yoon; Jang; Lim; Han; Shin; Namgung",
    },
    Culture {
        share: 5,
        first: "
            Mohammed; Fatima; Ahmed; Aisha; Omar; Layla; Yusuf; Mariam; Khalid; Noor; Hassan;
            Salma; Ibrahim; Zainab; Tariq; Yasmin; Karim; Rania; Bilal; Samira",
        last: "
            Hassan; Ali; Hussein; Ibrahim; Khalil; Mansour; Haddad; Nasser; Saleh; Farouk;
            Al-Rashid; Najjar; El-Sayed; Qureshi; Bakri; Al-Zahrani; Khoury; Abdelrahman",
    },
    Culture {
        share: 4,
        first: "
            Chidi; Amara; Emeka; Ngozi; Tunde; Adaeze; Kofi; Ama; Babajide; Folake; Kwame;
            Zanele; Sipho; Wanjiru; Otieno; Makena; Thabo; Ifeoma; Olúwaṣeun; Abimbola",
        last: "
            Okafor; Adeyemi; Mensah; Okonkwo; Balogun; Nkosi; Dlamini; Mwangi; Boateng; Eze;
            Kamau; Owusu; Adebayo; Ndlovu; Achieng; Oyelaran; Nwachukwu; Ogunbanjo",
    },
    Culture {
        share: 4,
        first: "
            Zofia; Jakub; Hanna; Szymon; Maja; Wojciech; Agnieszka; Łukasz; Małgorzata; Paweł;
            Jiří; Tereza; Ondřej; Kateřina; Bożena; Grzegorz; Ľubomír; Eliška",
        last: "
            Nowak; Kowalski; Wiśniewski; Wójcik; Kamiński; Lewandowski; Zieliński; Szymański;
            Novák; Svoboda; Dvořák; Černý; Procházka; Jabłoński; Wróbel; Źródłowski;
            Brzęczyszczykiewicz",
    },
    Culture {
        share: 4,
        first: "
            Astrid; Lars; Ingrid; Erik; Freja; Magnus; Sigrid; Bjørn; Åsa; Søren; Linnéa; Håkon;
            Maja; Anders; Þóra; Jón; Aino; Väinö; Kirsten",
        last: "
            Hansen; Johansson; Andersen; Nielsen; Karlsson; Jensen; Larsen; Olsen; Lindström;
            Sørensen; Bergström; Håkansson; Virtanen; Mäkinen; Ødegård; Åkerblom; Guðmundsdóttir",
    },
    Culture {
        share: 3,
        first: "
            Giulia; Francesco; Chiara; Alessandro; Martina; Lorenzo; Elisa; Matteo; Federica;
            Davide; Niccolò; Beatrice; Gianluca; Ilaria; Tommaso",
        last: "
            Rossi; Russo; Ferrari; Esposito; Bianchi; Romano; Colombo; Ricci; Marino; Greco;
            Conti; De Luca; Santoro; D'Amico; Pellegrini; Montefiore",
    },
    Culture {
        share: 3,
        first: "
            Ana; João; Beatriz; Pedro; Larissa; Gustavo; Júlia; Thiago; Camila; Rafael;
            Conceição; Vinícius; Letícia; Luís; Antônia",
        last: "
            Silva; Santos; Oliveira; Souza; Pereira; Ferreira; Costa; Almeida; Ribeiro;
            Carvalho; Araújo; Gonçalves; Magalhães; Guimarães; Assunção",
    },
    Culture {
        share: 2,
        first: "
            Zeynep; Mehmet; Elif; Mustafa; Ayşe; Emre; Defne; Burak; Gülşen; Çağlar; İrem; Oğuz",
        last: "
            Yılmaz; Kaya; Demir; Şahin; Çelik; Yıldız; Öztürk; Aydın; Arslan; Doğan; Karadağlı",
    },
    Culture {
        share: 2,
        first: "
            Linh; Minh; Hương; Anh; Đức; Thảo; Tuấn; Ngọc; Quang; Phương; Bảo; Thủy",
        last: "
            Nguyễn; Trần; Lê; Phạm; Hoàng; Phan; Vũ; Đặng; Bùi; Đỗ; Ngô; Dương",
    },
    Culture {
        share: 1,
        first: "
            Μαρία; Γιώργος; Ελένη; Δημήτρης; Κατερίνα; Νίκος; Σοφία; Γιάννης; Αναστασία; Κώστας",
        last: "
            Παπαδόπουλος; Παππάς; Οικονόμου; Γεωργίου; Νικολαΐδης; Αγγελόπουλος; Καραγιάννης;
            Βλάχος",
    },
    Culture {
        share: 1,
        first: "
            Анна; Дмитрий; Елена; Алексей; Ольга; Сергей; Наталья; Андрей; Оксана; Тарас; Милица",
        last: "
            Иваненко; Шевченко; Коваленко; Бондаренко; Петренко; Ткаченко; Кравчук; Мельник;
            Йованович",
    },
];
