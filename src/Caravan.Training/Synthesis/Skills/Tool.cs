namespace Caravan.Training.Synthesis;

/// <summary>A function that a model may be offered; names and parameters vary, so that the model reads what is offered.</summary>
/// <param name="Name">What it is called in this conversation.</param>
/// <param name="Parameter">Its one parameter; null for none.</param>
/// <param name="Description">What it does.</param>
/// <param name="IsOptional">Whether the parameter may be left out.</param>
/// <param name="Type">The parameter's type.</param>
internal sealed record Tool(string Name, string? Parameter, string Description, bool IsOptional = false, string Type = "string")
{
    /// <summary>In OpenAI's shape.</summary>
    public string Schema =>
        "{\"type\":\"function\",\"function\":{\"name\":\"" + Name + "\",\"description\":\"" + Description + "\",\"parameters\":{\"type\":\"object\",\"properties\":{" + Property + "}" + Required + "}}}";

    private string Property => Parameter is null ? "" : $$"""
        "{{Parameter}}":{"type":"{{Type}}"}
        """;

    private string Required => Parameter is null || IsOptional ? "" : $"""
        ,"required":["{Parameter}"]
        """;

    /// <summary>Computes expressions.</summary>
    public static Tool Calculator(Draw draw) => new(
        draw.Pick<string>(["calculator", "calculator", "calculator", "calc", "calculate", "compute", "evaluate"]),
        draw.Pick<string>(["expression", "expression", "expression", "formula", "input"]),
        draw.Pick<string>(["Computes an arithmetic expression.", "Calculates the value of an expression.", "A calculator.", "Evaluates a formula."]));

    /// <summary>Tells date and time; where it takes a place, that of another city.</summary>
    public static Tool Clock(Draw draw, bool ofPlaces) => new(
        draw.Pick<string>(["clock", "clock", "clock", "get_time", "current_time", "get_current_time", "now"]),
        ofPlaces ? draw.Pick<string>(["city", "place", "location"]) : null,
        draw.Pick<string>(["Tells the date and time.", "Returns the current time.", "A clock.", "Gives today's date and the time."]),
        IsOptional: true);

    /// <summary>Tells the weather of a city.</summary>
    public static Tool Weather(Draw draw) => new(
        draw.Pick<string>(["weather", "get_weather", "get_weather", "current_weather", "forecast"]),
        draw.Pick<string>(["city", "city", "place", "location"]),
        draw.Pick<string>(["Tells the weather of a city.", "Returns the current weather.", "The weather in a place."]));

    /// <summary>Functions that stand beside.</summary>
    public static Tool Other(Draw draw) => draw.Below(6) switch
    {
        0 => new("search", "query", "Searches the web."),
        1 => new("roll_dice", "sides", "Rolls a dice.", Type: "integer"),
        2 => new("translate", "text", "Translates a text."),
        3 => new("send_email", "address", "Sends an email."),
        4 => new("play_music", "song", "Plays a song."),
        _ => new("open_file", "path", "Opens a file."),
    };
}
