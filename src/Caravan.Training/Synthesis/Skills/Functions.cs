namespace Caravan.Training.Synthesis;

/// <summary>Calls of functions that are offered: a calculator, a clock, the weather; and questions for which none is needed.</summary>
internal sealed class Functions : Skill
{
    private static readonly Phrase AsksSum = "{sum}\n{sum} = ?\n(what is|what's|how much is|calculate|compute|work out|evaluate) {sum}?\n(can|could) you (calculate|compute) {sum}?\n[please ](calculate|compute) {sum}.\n(tell me|I need) the (result|value) of {sum}.\nuse the calculator: {sum}";
    private static readonly Phrase AsksSumChinese = "{sum}等于多少？\n计算{sum}[。]\n{sum}是多少？";
    private static readonly Phrase AsksTime = "what time is it[ now| right now| please]?\n(what's|what is) the [current ]time[ now| please]?\n(can|could) you tell me (the time|what time it is)?\n[please ](tell me|give me|check) the [current ]time[.]\ndo you (know|have) the time?\nhow late is it[ now]?\n(is it late|time please|the time)?\n(hi|hello|hey), (what time is it|what's the time)?";
    private static readonly Phrase AsksTimeChinese = "(现在几点|几点了|现在是什么时间|请告诉我时间|现在几点了|时间是多少)[？]";
    private static readonly Phrase AsksTimeIn = "what time is it[ now] in {city}?\n(what's|what is) the [current |local ]time in {city}?\n[please ](tell me|check) the time in {city}[.]\nhow late is it in {city}?\ndo you know what time it is in {city}?";
    private static readonly Phrase AsksDate = "(what|which) (day|date) is [it ]today?\n(what is|what's) (the date|today's date)[ today]?\n(tell me|check|give me) (the|today's) date[, please].\nwhat date do we have[ today]?\nwhat year is it?\nwhich month is it?";
    private static readonly Phrase AsksWeather = "(how is|what is|what's) the weather[ like] in {city}[ today| now]?\nwhat (is|'s) the (temperature|forecast) (in|for) {city}?\nis it (warm|cold|hot|raining|sunny) in {city}[ now| today]?\nwill it rain in {city}?\n[please ](check|tell me|give me) the weather (in|for) {city}[.]\nweather in {city}[?]\ndo I need (an umbrella|a coat) in {city}?";
    private static readonly string[] Skies = ["sunny", "cloudy", "rainy", "windy", "foggy", "snowy", "clear", "stormy"];

    private readonly Talk talk = new();
    private readonly Skill[] unneeding = [new Reading(), new Lists()];

    public override string Name => "tools";

    public override string Summary => "Calls functions that are offered, and says what they answered.";

    public override double Weight => 0.1;

    public override void Converse(Conversation conversation, Draw draw)
    {
        if (draw.Chance(0.1)) conversation.Instruct(draw.Pick<string>(["You may call tools.", "Use the tools.", "You are a helpful assistant.", "Be brief."]));
        bool ofPlaces = draw.Chance(0.5);
        (Tool calculator, Tool clock, Tool weather) = (Tool.Calculator(draw), Tool.Clock(draw, ofPlaces), Tool.Weather(draw));
        int kind = draw.Below(100);
        Tool? needed = kind switch { < 45 => calculator, < 68 => clock, < 84 => weather, _ => null };
        List<Tool> offered = [.. new[] { calculator, clock, weather, Tool.Other(draw) }.Where(tool => tool == needed || draw.Chance(0.35))];
        // Where something is said about the time or the weather, nothing that knows them is offered.
        bool isTalk = needed is null && kind < 92;
        if (isTalk) offered = [.. offered.Where(tool => tool != clock && tool != weather)];
        if (offered.Count == 0) offered.Add(calculator);
        foreach (Tool tool in draw.Shuffled(offered)) conversation.Offer(tool.Schema);
        if (needed is null)
        {
            (isTalk ? talk : draw.Pick(unneeding)).Converse(conversation, draw);
            return;
        }

        for (int i = draw.Chance(0.2) ? 2 : 1; i > 0; i--)
        {
            Tool next = i == 1 && conversation.Checks.Count > 0 ? draw.Pick([.. offered.Where(tool => tool == calculator || tool == clock || tool == weather)]) : needed;
            if (next == calculator) Compute(conversation, draw, next);
            else if (next == clock) TellTime(conversation, draw, next);
            else TellWeather(conversation, draw, next);
        }
    }

    public override string Text(Draw draw)
    {
        List<string> lines = [];
        for (int i = draw.Between(4, 8); i > 0; i--)
        {
            (string expression, string asked, string value, _) = ExpressionOf(draw);
            lines.Add($"{AsksSum.Say(draw, ("sum", asked)).Capitalized()}\n{{\"expression\": \"{expression}\"}}\n{value}\n{expression} = {value}");
        }

        return string.Join('\n', lines);
    }

    private static void Compute(Conversation conversation, Draw draw, Tool tool)
    {
        (string expression, string asked, string value, _) = ExpressionOf(draw);
        conversation.Ask(draw.Typed((draw.Chance(0.12) ? AsksSumChinese : AsksSum).Say(draw, ("sum", asked)).Capitalized()));
        conversation.Call(tool.Name, $$"""{"{{tool.Parameter}}": "{{expression}}"}""");
        conversation.Result(value);
        conversation.Answer($"{expression} = {value}", new NumberCheck(value));
    }

    private static void TellTime(Conversation conversation, Draw draw, Tool tool)
    {
        string time = $"{draw.Below(24):00}:{draw.Below(60):00}", date = $"{draw.Between(2024, 2031)}-{draw.Between(1, 12):00}-{draw.Between(1, 28):00}";
        bool isElsewhere = tool.Parameter is not null && draw.Chance(0.5);
        string city = isElsewhere ? draw.Content(() => Words.City(draw), each => $"time {each}") : "";
        (Phrase phrase, string question) = draw.Content(
            () =>
            {
                Phrase drawn = isElsewhere ? AsksTimeIn : draw.Pick<Phrase>([AsksTime, AsksTime, AsksTime, AsksDate, AsksDate, AsksTimeChinese]);
                return (drawn, draw.Typed(drawn.Say(draw, ("city", city)).Capitalized()));
            },
            each => isElsewhere ? $"time {city}" : each.Item2);
        bool isDate = phrase == AsksDate;
        conversation.Ask(question);
        conversation.Call(tool.Name, isElsewhere ? $$"""{"{{tool.Parameter}}": "{{As(city, question)}}"}""" : "{}");
        conversation.Result(draw.Below(3) switch
        {
            0 => $"{date} {time}",
            1 => $$"""{"date": "{{date}}", "time": "{{time}}"}""",
            _ => isDate ? date : time,
        });
        conversation.Answer(
            isDate ? $"Today is {date}." : isElsewhere ? $"It is {time} in {As(city, question)}." : phrase == AsksTimeChinese ? $"现在是{time}。" : $"It is {time}.",
            new ContainsCheck(isDate ? date : time));
    }

    private static void TellWeather(Conversation conversation, Draw draw, Tool tool)
    {
        string city = draw.Content(() => Words.City(draw), each => $"weather {each}"), sky = draw.Pick(Skies);
        int degrees = draw.Between(-15, 38);
        string question = draw.Typed(AsksWeather.Say(draw, ("city", city)).Capitalized());
        city = As(city, question);
        conversation.Ask(question);
        conversation.Call(tool.Name, $$"""{"{{tool.Parameter}}": "{{city}}"}""");
        conversation.Result(draw.Chance(0.5) ? $"{sky}, {degrees} °C" : $$"""{"sky": "{{sky}}", "degrees": {{degrees}}}""");
        conversation.Answer($"It is {sky} and {degrees} degrees in {city}.", new ContainsCheck(sky, $"{degrees}"));
    }

    /// <summary>The city as it was typed, which is all that a model can copy.</summary>
    private static string As(string city, string question) => question.Substring(question.IndexOf(city, StringComparison.OrdinalIgnoreCase), city.Length);

    /// <summary>An expression of the split.</summary>
    private static Computation ExpressionOf(Draw draw) => draw.Content(() => Expression(draw), content => content.Spelling);

    private static Computation Expression(Draw draw)
    {
        (decimal a, decimal b, decimal c) = (Operand(draw), Operand(draw), Operand(draw));
        char sign = draw.Pick<char>(['+', '-', '*', '/']);
        string expression = $"{a} {sign} {b}";
        // The same sum is held out here and in mental arithmetic.
        string spelling = sign is '+' or '*' && a > b ? $"{b} {sign} {a}" : expression;
        decimal value = Apply(a, sign, b);
        if (draw.Chance(0.2))
        {
            char second = draw.Pick<char>(['+', '-', '*']);
            (expression, value) = draw.Chance(0.5) ? ($"({expression}) {second} {c}", Apply(value, second, c)) : ($"{c} {second} ({expression})", Apply(c, second, value));
            spelling = expression;
        }

        string asked = draw.Below(5) switch
        {
            0 => expression.Replace(" ", "", StringComparison.Ordinal),
            1 => expression.Replace("*", draw.Pick<string>(["x", "×"]), StringComparison.Ordinal).Replace("/", "÷", StringComparison.Ordinal),
            2 => expression.Replace("*", "times", StringComparison.Ordinal).Replace("+", "plus", StringComparison.Ordinal).Replace("-", "minus", StringComparison.Ordinal).Replace("/", "divided by", StringComparison.Ordinal),
            _ => expression,
        };
        return new(expression, asked, $"{Math.Round(value, 4):0.####}", spelling.Replace('*', '×'));
    }

    private static decimal Apply(decimal a, char sign, decimal b) => sign switch { '+' => a + b, '-' => a - b, '*' => a * b, _ => a / b };

    private static decimal Operand(Draw draw) => draw.Below(6) switch
    {
        0 => draw.Between(2, 99),
        1 => draw.Between(1000, 9999),
        2 => draw.Between(10000, 999999),
        3 => draw.Between(11, 9999) / 100m,
        _ => draw.Between(10, 999),
    };

    /// <summary>An expression as it is computed and as it is asked for, its value, and its spelling where splits are told apart.</summary>
    private sealed record Computation(string Expression, string Asked, string Value, string Spelling);
}
