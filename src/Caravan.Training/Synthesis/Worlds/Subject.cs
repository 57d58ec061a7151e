namespace Caravan.Training.Synthesis;

/// <summary>Somebody or something that facts are about.</summary>
/// <param name="Name">As sentences call it first: <c>Anna</c>, <c>the red book</c>.</param>
/// <param name="Pronoun">As they may go on: <c>she</c>; empty where they repeat the name.</param>
/// <param name="Possessive">As they may go on about what it has: <c>her</c>.</param>
internal sealed record Subject(string Name, string Pronoun = "", string Possessive = "")
{
    /// <summary>As records call it: without article and quotes.</summary>
    public string Title => (Name.StartsWith("the ", StringComparison.Ordinal) ? Name[4..] : Name).Trim('"');

    /// <summary>Somebody, one in four with a family's name and one in five with a made-up one.</summary>
    public static Subject Person(Draw draw)
    {
        bool woman = draw.Chance(0.5);
        string name = draw.Chance(0.2) ? Words.MadeUp(draw) : draw.Pick(woman ? Words.Women : Words.Men);
        if (draw.Chance(0.25)) name += " " + (draw.Chance(0.2) ? Words.MadeUp(draw) : draw.Pick(Words.Families));
        return woman ? new(name, "she", "her") : new(name, "he", "his");
    }

    /// <summary>A thing with a colour.</summary>
    public static Subject Thing(Draw draw) => new($"the {draw.Pick(Words.Colors)} {draw.Pick(Words.Things)}", "it", "its");

    /// <summary>A place that may be anywhere.</summary>
    public static Subject Place(Draw draw) => new(Words.City(draw), "it", "its");

    /// <summary>An animal with a name.</summary>
    public static Subject Pet(Draw draw) => new($"{draw.Pick<string>(["Rex", "Bella", "Milo", "Luna", "Coco", "Rocky", "Molly", "Charlie", "Buddy", "Lola", "Fluffy", "Shadow", "Pepper", "Ginger", Words.MadeUp(draw)])} the {draw.Pick(Words.Animals)}", "it", "its");

    /// <summary>Something that takes place.</summary>
    public static Subject Event(Draw draw) => new($"the {draw.Pick<string>(["concert", "meeting", "party", "market", "match", "lesson", "wedding", "exhibition", "race", "festival", "dinner", "workshop", "conference", "play", "picnic"])}", "it", "its");

    /// <summary>Somebody, in Chinese.</summary>
    public static Subject ChinesePerson(Draw draw) => new(draw.Pick(Words.ChinesePeople), draw.Pick<string>(["他", "她"]));
}
