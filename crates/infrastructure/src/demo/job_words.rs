//! What openings and the comments on them are made of. Texts are lists separated by `;`, the most frequent first; what
//! stands in braces is filled in by [`Cast::fill`](super::career::Cast::fill).

/// Titles of jobs.
pub(super) const TITLES: &str = "
    {title}; {title} ({tool}); Senior {title}; {title}, {skill}; Junior {title}; {title} in {place}; Lead {title};
    {title} with a heart for {skill}; {title} for our {subject}";

/// Titles of internships.
pub(super) const INTERNSHIPS: &str = "
    {title} intern; Internship: {skill}; Summer internship with {tool}; Thesis on {skill};
    Working student, {skill}; Internship: our {subject}";

/// Titles of what professors offer.
pub(super) const CHAIR_TITLES: &str = "
    Student assistant for {skill}; PhD position: {skill}; Research assistant, {tool}; Thesis on {skill};
    Postdoc position: {skill}; Tutor for {skill}; Research project: {subject}";

/// First paragraphs.
pub(super) const INTROS: &str = "
    {company} is growing, and we are hiring: {title}, {place}.;
    We are a team of twelve at {company} and have one desk left. It could be yours.;
    Since I graduated, {company} has become my second home. Now we look for colleagues from the old school.;
    At {company} we care about {interest}. If you do too, read on.;
    Our customers like what we make, and ask for more. So we need help with {skill}.;
    You have finished your {subject} and wonder what comes next? Come and build the real thing with us.;
    {company} opens an office here: {place}. You would be among the first.;
    A colleague is leaving for a year abroad, and we are looking for somebody who takes over.;
    Most of us came to {company} by word of mouth. This is the word.";

/// First paragraphs of professors.
pub(super) const CHAIR_INTROS: &str = "
    Our group works on {skill} and has funding for three years.;
    In a joint project with {company} we are building a {subject}, and look for helping hands.;
    The next course on {skill} has twice as many students as the last.;
    We are preparing a study and need somebody who likes {tool} and patience.;
    With the new laboratory comes room for one more person who wants to know how {skill} really works.";

/// What there is to do.
pub(super) const TASKS: &str = "
    Work with {tool} every day; Take care of {skill} from the first sketch to the customer;
    Keep our {subject} running; Review the work of others, and have yours reviewed; Move what we have to {tool};
    Talk to customers and find out what they need; Introduce {framework} to three teams;
    Write down what you learn, so that others find it; Plan the next release with the team;
    Build prototypes with {tool} and throw most of them away; Show students around once a month;
    Measure first, then improve; Present our work at a conference; Look after two interns";

/// What one should bring.
pub(super) const WISHES: &str = "
    Some years with {skill}, or the will to learn it fast; {tool}, or something like it;
    A degree, finished or nearly so; Good English, other languages are welcome; Experience with {framework};
    Joy in working with people; A sense of {interest}; Proof that you finish what you begin;
    {skill} at least from a course; Questions that we haven't thought of; A driving licence; {hobby} is no must";

/// What one gets.
pub(super) const OFFERS: &str = "
    Flexible hours and two days a week from home; Thirty days of holiday; A budget for courses and conferences;
    A mentor for the first half-year; Good coffee and a bicycle; Fair pay that everybody knows;
    A four-day week if you like; A garden behind the office; Shares after the first year; Lunch together on Fridays;
    A group for {hobby}";

/// Last paragraphs.
pub(super) const CLOSINGS: &str = "
    Write to me here if you have questions.; We read every application and answer within two weeks.;
    A short letter and your resume are enough.; Come as you are.; I am happy to show you around before you apply.;
    No cover letter, please: tell us about something you built.;
    Alumni of our school go to the top of the pile, I promise.; We hire in the order in which we meet the right people.";

/// What people say about an opening.
pub(super) const COMMENTS: &str = "
    Is this still open?; Sounds great, I have just applied.; Can this be done remotely?; Sharing with my class!;
    Do you also take students in their last year?; I worked there for two years and can only recommend it.;
    How important is {tool} for you?; Is there a chance to start in autumn?; Congratulations on the growth!;
    What does a normal day look like?; Would {skill} without a degree be enough?; Best team I ever had.;
    My sister would be perfect for this. I'll tell her.; Do you sponsor visas?; Thanks for posting it here first.;
    I come from {tool} rather than what you name. Does it make sense to apply?; Is part-time possible?;
    Which languages do you speak in the office?; That is what I was looking for. Application is on its way.;
    Is {place} a must, or only for the first weeks?; Wish I were ten years younger.;
    Could you say something about the pay?; I am finishing my thesis on {skill}. When would you need somebody?;
    Great to see {skill} from our school in practice.; Just sent you a message.; Who would I report to?;
    We used {framework} in our last project and learnt a lot. Happy to talk about it.;
    Is the garden real?; Applied last year, was turned down very kindly, and will try again.";

/// What authors answer.
pub(super) const ANSWERS: &str = "
    Yes, it is still open.; Thank you, we are looking forward to your application!; Two days a week from home are fine.;
    Good question. {tool} helps, but you can learn it here.; Please send me a message, then we talk.;
    Students are welcome too.; Autumn works for us.; The pay is in the second paragraph of our website.;
    No degree needed if you can show what you have done.; We mostly speak English.; Let's have a call this week.;
    The first interviews are next Tuesday.; Thanks for sharing!";
