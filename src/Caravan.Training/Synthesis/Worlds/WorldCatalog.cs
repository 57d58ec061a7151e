namespace Caravan.Training.Synthesis;

/// <summary>What facts can be about, one list of traits each.</summary>
internal static class WorldCatalog
{
    /// <summary>All worlds, those that come more often several times.</summary>
    public static IReadOnlyList<World> All { get; } = [People, People, People, Things, Places, Pets, Events, Books, ChinesePeople, ChinesePeople];

    /// <summary>Those in English.</summary>
    public static IReadOnlyList<World> English { get; } = [.. All.Where(world => !world.IsChinese)];

    private static World People => new("person", Subject.Person,
    [
        new("city", Words.City, "{who} (lives|has a flat|has a house) in {value}.\n{who} lives in {value} now.\n{whose} home is in {value}.\n{who} has lived in {value} for years.",
            "where does {who} live?\nin which city does {who} live?\nwhat city does {who} live in?\nwhich city is {whose} home in?\nwhere is {whose} home?", "{who} lives in {value}."),
        new("job", draw => draw.Pick(Words.Jobs), "{who} (works|earns money) as {a}.\n{whose} job is {value}.\n{who} is {a}[ by profession].",
            "what is {whose} job?\nwhat does {who} do[ for a living]?\nwhat does {who} work as?\nwhat is the job of {who}?\nwhat profession does {who} have?", "{who} works as {a}."),
        new("age", draw => $"{draw.Between(5, 95)}", "{who} is {value} years old.\n{who} is {value}.\n{who} turned {value} (this year|last month|on Sunday).\n{whose} age is {value}.",
            "how old is {who}?\nwhat is {whose} age?\nwhat is the age of {who}?\nhow many years old is {who}?", "{who} is {value} years old.") { IsNumber = true },
        new("color", draw => draw.Pick(Words.Colors), "{whose} favourite colour is {value}.\n{who} likes the colour {value} (best|most).\n{who} loves {value} more than any other colour.",
            "what is {whose} favourite (colour|color)?\nwhich (colour|color) does {who} like best?\nwhat (colour|color) does {who} (like|love)?", "{whose} favourite colour is {value}."),
        new("food", draw => draw.Pick(Words.Foods), "{who} (likes|loves) to eat {value}.\n{whose} favourite food is {value}.\n{who} eats {value} (every day|for lunch|on Sundays).",
            "what does {who} like to eat?\nwhat is {whose} favourite food?\nwhat food does {who} (like|love)?\nwhat does {who} eat?", "{who} likes to eat {value}."),
        new("hobby", draw => draw.Pick(Words.Hobbies), "{whose} hobby is {value}.\n{who} enjoys {value}[ at the weekend].\n{who} spends free time on {value}.",
            "what is {whose} hobby?\nwhat hobby does {who} have?\nwhat does {who} (enjoy|do in free time)?", "{whose} hobby is {value}."),
        new("pet", draw => draw.Pick(Words.Animals), "{who} (has|owns|keeps) {a}.\n{whose} pet is {a}.\n{who} walks with {a} every morning.",
            "what pet does {who} have?\nwhat animal does {who} (have|own|keep)?\nwhich pet does {who} have?\nwhat is {whose} pet?", "{who} has {a}."),
        new("instrument", draw => draw.Pick(Words.Instruments), "{who} plays the {value}[ very well].\n{who} is learning to play the {value}.\n{whose} instrument is the {value}.",
            "what instrument does {who} play?\nwhich instrument does {who} play?\nwhat does {who} play?\nwhat is {whose} instrument?", "{who} plays the {value}."),
        new("birthday", draw => $"{draw.Pick(Words.Months)} {draw.Between(1, 28)}", "{whose} birthday is on {value}.\n{who} was born on {value}.\n{who} has a birthday on {value}.",
            "when is {whose} birthday?\nwhen was {who} born?\non which day is {whose} birthday?", "{whose} birthday is on {value}."),
        new("friend", draw => draw.Chance(0.2) ? Words.MadeUp(draw) : draw.Pick(draw.Chance(0.5) ? Words.Women : Words.Men), "{whose} best friend is {value}.\n{who} is a friend of {value}.\n{who} often meets a friend, {value}.",
            "who is {whose} [best ]friend?\nwho is the [best ]friend of {who}?\nwhat is the name of {whose} [best ]friend?", "{whose} friend is {value}."),
        new("phone", draw => $"{draw.Between(100, 999)}-{draw.Between(1000, 9999)}", "{whose} [phone ]number is {value}.\n{who} can be reached at {value}.",
            "what is {whose} [phone ]number?\nwhat number does {who} have?\nhow can {who} be reached?\nwhat is the phone number of {who}?", "{whose} number is {value}."),
        new("subject", draw => draw.Pick(Words.Subjects), "{who} studies {value}[ at the university].\n{who} is a student of {value}.\n{whose} subject is {value}.",
            "what does {who} study?\nwhat is {whose} subject?\nwhich subject does {who} study?", "{who} studies {value}."),
    ]);

    private static World Things => new("thing", Subject.Thing,
    [
        new("place", draw => draw.Pick(Words.Rooms), "{who} is in the {value}.\nYou find {who} in the {value}.\nSomebody put {who} in the {value}.\n{who} (lies|stands) in the {value}.",
            "where is {who}?\nwhere can I find {who}?\nin which (place|room) is {who}?\nwhere did somebody put {who}?", "{who} is in the {value}."),
        new("price", draw => $"{draw.Between(2, 999)}", "{who} costs {value} (dollars|euros|coins).\nThe price of {who} is {value} (dollars|euros|coins).\nYou pay {value} (dollars|euros|coins) for {who}.",
            "how much (is {who}|does {who} cost)?\nwhat does {who} cost?\nwhat is the price of {who}?", "{who} costs {value}.") { IsNumber = true },
        new("owner", draw => Subject.Person(draw).Name, "{who} belongs to {value}.\n{value} is the owner of {who}.\n{value} owns {who}.\n{value} bought {who} (last week|yesterday|in May).",
            "who owns {who}?\nto whom does {who} belong?\nwho is the owner of {who}?\nwhose is {who}?", "{who} belongs to {value}."),
        new("weight", draw => $"{draw.Between(1, 60)}", "{who} weighs {value} (kilos|kilograms|kg).\n{who} has a weight of {value} (kilos|kilograms|kg).",
            "how much does {who} weigh?\nhow heavy is {who}?\nwhat is the weight of {who}?", "{who} weighs {value} kilos.") { IsNumber = true },
        new("material", draw => draw.Pick<string>(["wood", "glass", "iron", "steel", "paper", "leather", "plastic", "cotton", "wool", "stone", "silk", "copper", "clay"]), "{who} is made of {value}.\n{who} was made from {value}.",
            "what is {who} made of?\nwhat material is {who}?\nof what is {who} made?", "{who} is made of {value}."),
        new("count", draw => $"{draw.Between(2, 40)}", "{who} comes in {value} (pieces|copies).\nThere are {value} (pieces|copies) of {who}.\nThe shop has {value} (pieces|copies) of {who}.",
            "how many (pieces|copies) of {who} are there?\nhow many of {who} are there?", "There are {value} pieces of {who}.") { IsNumber = true },
    ]);

    private static World Places => new("city", Subject.Place,
    [
        new("country", draw => draw.Chance(0.4) ? Words.MadeUp(draw) + draw.Pick<string>(["ia", "land", "stan"]) : draw.Pick<string>(["Germany", "France", "Italy", "Spain", "Norway", "Japan", "China", "India", "Egypt", "Kenya", "Brazil", "Peru", "Canada", "Mexico", "Poland", "Greece"]),
            "{who} is a (city|town) in {value}.\n{who} lies in {value}.\n{who} belongs to {value}.", "in which country is {who}?\nwhat country is {who} in?\nwhere (is|lies) {who}?", "{who} is in {value}."),
        new("population", draw => $"{draw.Between(2_000, 990_000)}", "{who} has {value} (people|inhabitants).\nSome {value} people live in {who}.\nThe population of {who} is {value}.",
            "how many people live in {who}?\nwhat is the population of {who}?\nhow many (people|inhabitants) does {who} have?", "{value} people live in {who}.") { IsNumber = true },
        new("founded", draw => $"{draw.Between(900, 1990)}", "{who} was founded in {value}.\nPeople founded {who} in {value}.\n{who} has existed since {value}.",
            "when was {who} founded?\nin which year was {who} founded?\nsince when has {who} existed?", "{who} was founded in {value}.") { IsNumber = true },
        new("mayor", draw => Subject.Person(draw).Name, "{who} has a mayor (named|called) {value}.\nThe mayor of {who} is {value}.\n{value} is the mayor of {who}.\n{value} became mayor of {who} (last year|in spring).",
            "who is the mayor of {who}?\nwhat is the name of the mayor of {who}?\nwhat is the mayor of {who} called?", "The mayor of {who} is {value}."),
        new("river", draw => Words.MadeUp(draw), "The river {value} flows through {who}.\n{who} lies on the river {value}.", "which river flows through {who}?\nwhat is the river in {who} called?\non which river is {who}?", "The river {value} flows through {who}."),
        new("famous_for", draw => draw.Pick<string>([.. Words.Foods, "bridges", "churches", "museums", "gardens", "clocks", "music", "wine", "towers", "markets", "beaches"]),
            "{who} is (famous|known) for its {value}.\nPeople visit {who} for its {value}.", "what is {who} (famous|known) for?\nwhy do people visit {who}?", "{who} is famous for its {value}."),
    ]);

    private static World Pets => new("animal", Subject.Pet,
    [
        new("owner", draw => Subject.Person(draw).Name, "{who} belongs to {value}.\n{value} is the owner of {who}.\n{who} lives with {value}.", "who owns {who}?\nwho is the owner of {who}?\nto whom does {who} belong?", "{who} belongs to {value}."),
        new("age", draw => $"{draw.Between(1, 25)}", "{who} is {value} years old.\n{who} turned {value} (this year|last month).", "how old is {who}?\nwhat is the age of {who}?", "{who} is {value} years old.") { IsNumber = true },
        new("food", draw => draw.Pick(Words.Foods), "{who} (likes|loves) {value}.\n{who} eats {value} (every day|at night).", "what does {who} (eat|like|like to eat)?\nwhat is the favourite food of {who}?", "{who} likes {value}."),
        new("place", draw => draw.Pick(Words.Rooms), "{who} sleeps in the {value}.\n{who} spends the night in the {value}.", "where does {who} (sleep|spend the night)?", "{who} sleeps in the {value}."),
        new("color", draw => draw.Pick(Words.Colors), "{who} is {value}.\n{who} has {value} (fur|skin|hair).", "what (colour|color) is {who}?\nwhich (colour|color) does {who} have?", "{who} is {value}."),
        new("fear", draw => draw.Pick<string>([.. Words.Animals.Select(animal => animal.WithArticle()), "thunder", "water", "the dark", "cars", "loud noise"]), "{who} is afraid of {value}.\n{who} fears {value}.",
            "what is {who} afraid of?\nwhat does {who} fear?", "{who} is afraid of {value}."),
    ]);

    private static World Events => new("event", Subject.Event,
    [
        new("day", draw => draw.Pick(Words.Days), "{who} is on {value}.\n{who} takes place on {value}.", "when is {who}?\non which day is {who}?\nwhat day is {who} on?\non which day does {who} take place?", "{who} is on {value}."),
        new("time", draw => $"{draw.Between(7, 21)}:{draw.Pick<string>(["00", "15", "30", "45"])}", "{who} (starts|begins) at {value}.\nThe (start|beginning) of {who} is at {value}.",
            "at what time does {who} (start|begin)?\nwhat time is {who}?\nwhen does {who} (start|begin)?", "{who} starts at {value}."),
        new("place", Words.City, "{who} takes place in {value}.\n{who} will be held in {value}.\n{value} is where {who} takes place.", "where (is|does) {who}[ take place]?\nin which city is {who}?\nwhere will {who} be?", "{who} takes place in {value}."),
        new("price", draw => $"{draw.Between(3, 90)}", "{who} costs {value} (dollars|euros) a ticket.\nA ticket for {who} costs {value} (dollars|euros).\nTickets for {who} are {value} (dollars|euros).", "how much is a ticket for {who}?\nwhat does a ticket for {who} cost?", "A ticket for {who} costs {value}.") { IsNumber = true },
        new("guests", draw => $"{draw.Between(5, 300)}", "{who} has {value} guests.\n{value} (people|guests) come to {who}.\nThere are {value} (people|guests) at {who}.", "how many (people|guests) (come to|are at) {who}?", "{value} guests come to {who}.") { IsNumber = true },
        new("host", draw => Subject.Person(draw).Name, "{value} (organizes|hosts|leads) {who}.\n{who} is (organized|hosted|led) by {value}.", "who (organizes|hosts|leads) {who}?\nwho is the host of {who}?", "{value} hosts {who}."),
    ]);

    private static World Books => new("book", draw => new Subject($"\"The {draw.Pick(Words.Colors).Capitalized()} {draw.Pick(Words.Things).Capitalized()}\"", "it"),
    [
        new("author", draw => Subject.Person(draw).Name, "{who} was written by {value}.\n{value} wrote {who}.\n{value} is the author of {who}.", "who wrote {who}?\nwho is the author of {who}?\nby whom was {who} written?", "{who} was written by {value}."),
        new("year", draw => $"{draw.Between(1850, 2025)}", "{who} (appeared|came out|was published) in {value}.", "when did {who} (appear|come out)?\nin which year was {who} published?\nwhen was {who} published?", "{who} appeared in {value}.") { IsNumber = true },
        new("pages", draw => $"{draw.Between(20, 900)}", "{who} has {value} pages.\nThere are {value} pages in {who}.", "how many pages does {who} have?\nhow long is {who}?\nhow many pages are in {who}?", "{who} has {value} pages.") { IsNumber = true },
        new("topic", draw => draw.Pick<string>([.. Words.Subjects, .. Words.Hobbies]), "{who} is about {value}.\nThe (topic|subject) of {who} is {value}.", "what is {who} about?\nwhat is the (topic|subject) of {who}?", "{who} is about {value}."),
        new("price", draw => $"{draw.Between(2, 80)}", "{who} costs {value} (dollars|euros).\nThe price of {who} is {value} (dollars|euros).", "how much (is {who}|does {who} cost)?\nwhat does {who} cost?\nwhat is the price of {who}?", "{who} costs {value}.") { IsNumber = true },
    ]);

    private static World ChinesePeople => new("person", Subject.ChinesePerson,
    [
        new("城市", draw => draw.Pick(Words.ChineseCities), "{who}住在{value}。\n{who}现在住在{value}。\n{who}家在{value}。", "{who}住在哪里？\n{who}住在哪个城市？\n{who}家在哪里？", "{who}住在{value}。"),
        new("职业", draw => draw.Pick(Words.ChineseJobs), "{who}是{value}。\n{who}是一名{value}。\n{who}的工作是{value}。", "{who}做什么工作？\n{who}的职业是什么？\n{who}是做什么的？", "{who}是{value}。"),
        new("年龄", draw => $"{draw.Between(5, 95)}", "{who}今年{value}岁。\n{who}{value}岁了。\n{who}的年龄是{value}岁。", "{who}多大了？\n{who}今年几岁？\n{who}的年龄是多少？", "{who}今年{value}岁。") { IsNumber = true },
        new("颜色", draw => draw.Pick(Words.ChineseColors), "{who}最喜欢{value}。\n{who}喜欢的颜色是{value}。", "{who}喜欢什么颜色？\n{who}最喜欢的颜色是什么？", "{who}最喜欢{value}。"),
        new("食物", draw => draw.Pick(Words.ChineseFoods), "{who}爱吃{value}。\n{who}喜欢吃{value}。\n{who}每天都吃{value}。", "{who}喜欢吃什么？\n{who}爱吃什么？", "{who}爱吃{value}。"),
        new("宠物", draw => draw.Pick(Words.ChineseAnimals), "{who}养了一只{value}。\n{who}有一只{value}。", "{who}养了什么动物？\n{who}的宠物是什么？", "{who}养了一只{value}。"),
        new("爱好", draw => draw.Pick(Words.ChineseHobbies), "{who}的爱好是{value}。\n{who}喜欢{value}。\n周末{who}常去{value}。", "{who}的爱好是什么？\n{who}有什么爱好？\n{who}喜欢做什么？", "{who}的爱好是{value}。"),
    ])
    {
        IsChinese = true,
    };
}
