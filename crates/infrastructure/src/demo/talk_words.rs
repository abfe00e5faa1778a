//! What people write to each other. As in [`job_words`](super::job_words).

/// How a conversation begins.
pub(super) const GREETINGS: &str = "
    Hi! I saw your profile and have a question about {company}.; Hello, we met at the alumni evening on {day}.;
    Hi, is it true that you work with {tool} now?; Dear colleague, may I ask you about {skill}?; Long time no see!;
    Hello! I am about to finish my studies and look for a mentor in {skill}.; Hey, do you still do {hobby}?;
    Hi, your post about the job ({title}) caught my eye.; Good morning! Somebody told me that you know {company} well.;
    Hello from {place}!; Hi, I am organising the reunion and hope that you are coming.;
    Welcome everybody, good to have you here.; Hi, thanks for the like!";

/// What is written between two people.
pub(super) const TALK: &str = "
    Do you have time for a call on {day}?; I have attached nothing yet, but the slides are nearly done.;
    We use {tool} for that, and it works well.; How did you get into {skill}?; My number hasn't changed.;
    I could introduce you to somebody at {company}.; I would start with {skill} and leave {framework} for later.;
    The deadline is {day}, so there is no hurry.; Have you ever worked in {place}?; I'll be in {place} next month.;
    Can you have a look at my resume?; It was a long week, sorry for the late answer.; What would you do in my place?;
    They are looking for this: {title}. Shall I name you?; We finally moved to {tool}, after two years of talking about it.;
    I'm not sure that {tool} is the right thing here.; The interview went well, they asked a lot about {skill}.;
    I got the job! Thank you so much for your help.; They turned me down, but kindly.; Are you coming to the reunion?;
    In our days there was no {tool}, and we managed as well.; My thesis is about {skill}. The hard part is the data.;
    Could we meet before the lecture on {day}?; The children are fine, the little one starts school this year.;
    I still have the notes from the course on {skill}, if you want them.; Do you remember the old library?;
    What do you think of {framework}?; Let me ask a colleague and come back to you.; Lunch on {day}?;
    I have been at {company} for three years now. Time to move on, I think.;
    Honestly: the pay is fair, the hours are long, and the people are wonderful.;
    If you want, I can send you the exercises. They are old, but the principle is still the same, and nobody has explained it better since.;
    We should write a paper about the {subject}.; Is {hobby} still your thing?; I booked the train for {day}.";

/// What is written in groups.
pub(super) const GROUP_TALK: &str = "
    Who is coming on {day}?; The room is booked for {day}.; Does anybody here use {tool}?;
    Slides are in the folder, thanks to everybody who helped.; Can somebody recommend a book about {skill}?;
    We need two more people for the stand.; Next meeting is on {day}, same place.; I can bring a cake.;
    {company} is hiring again: {title}.; Who has the key to the lab?; I'll be late, start without me.;
    Could we move it to {day}?; Has anybody notes of the last lecture?; Photos from the trip are online.;
    We are looking for a speaker on {skill}.; Happy birthday!; New members, please say hello.;
    Anybody in {place} next week?; I vote for {framework}.; {hobby} on {day}, who joins?;
    The minutes are done, please tell me if I forgot something.; Our {subject} won the second prize!;
    Please fill in the form by {day}.; Who can take over the website? It takes an hour a week.;
    I am against it, and I will tell you why on {day}.; Does the discount for alumni still exist?;
    Thank you all for yesterday. For those who weren't there: we agreed on the date, the budget is fine, and Grete looks after the music.;
    The printer is broken again.; Let's keep this group for dates and take the rest to the other one.";

/// Short answers.
pub(super) const REPLIES: &str = "
    Thanks!; Sounds good.; Yes, of course.; 👍; Good idea.; See you then.; I'll think about it.; Great!; Same here.;
    No problem at all.; Perfect, thank you.; Let me check.; Sorry, I can't.; Haha, true.; Of course, any time.; 🎉;
    I agree.; Not yet.; Wonderful news!; Maybe next time.; On my way.; Congratulations!; That makes sense.; Really?;
    I didn't know that.; Done.; Me too.; Deal.; Count me in.; 😀";

/// Names of groups.
pub(super) const GROUP_NAMES: &str = "
    {department} alumni; {skill} study group; Alumni in {place}; Friends of {tool}; {hobby} on {day}; {subject} team;
    Reunion committee; {company} alumni; Mentors for {skill}; Flat hunting: {place}; {framework} reading circle;
    Class of {department}; Lunch on {day}; Women in {department}; Choir and {hobby}";

/// Days.
pub(super) const DAYS: &str = "Friday; Monday; Tuesday; Thursday; Wednesday; Saturday; Sunday";
