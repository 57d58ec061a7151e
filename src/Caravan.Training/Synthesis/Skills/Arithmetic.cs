namespace Caravan.Training.Synthesis;

/// <summary>Sums, differences and products of numbers of at most three digits (products by one digit); the answer works them out column by column.</summary>
internal sealed class Arithmetic : Skill
{
    private static readonly Phrase Asks = new("""
        {sum}
        {sum}
        {sum}=
        {sum} =
        {sum} = ?
        {sum}?
        (what is|what's|whats|how much is|calculate|compute|work out|solve|find|evaluate) {sum}?
        (what is|what's|how much is) {sum}?
        (can|could) you (calculate|compute|add up|tell me|work out) {sum}?
        [please ](calculate|compute|solve) {sum}.
        (tell me|give me|I need|I want to know) [the result of ]{sum}.
        what (does|do) {sum} (make|give|equal)?
        (what is|what's) the (result|answer|value) of {sum}?
        (hi|hello|hey), (what is|how much is) {sum}?
        how much (does|do) {sum} make?
        {sum} (equals|is) what?
        do you know {sum}?
        """);

    private static readonly Phrase Sums = "(add|add up) {a} and {b}.\nadd {b} to {a}.\n(what is|calculate|find) the sum of {a} and {b}?\nsum of {a} and {b}\nhow much is {a} and {b} together?";
    private static readonly Phrase Differences = "(subtract|take) {b} from {a}.\n(what is|calculate|find) the difference (of|between) {a} and {b}?\n{a} take away {b}\nwhat is {b} less than {a}?\nhow much is left if I take {b} from {a}?";
    private static readonly Phrase Products = "multiply {a} (by|with|and) {b}.\n(what is|calculate|find) the product of {a} and {b}?\nproduct of {a} and {b}";

    private static readonly Phrase ChineseAsks = "{sum}等于多少？\n{sum}是多少？\n{sum}=？\n{sum}\n计算{sum}[。]\n请问{sum}等于几？\n{sum}得多少？\n请算一下{sum}。";

    private static readonly Phrase Gains = "{who} has {a} {things} and (gets|buys|finds) {b} more. How many {things} does {who} have[ now]?\n{who} has {a} {things}. {who} (gets|buys|finds) {b} more. How many (are there|{things} is that)[ in all]?";

    private static readonly Phrase Losses = "{who} has {a} {things} and (gives away|loses|sells|eats) {b}[ of them]. How many {things} (are left|does {who} have now)?\nThere are {a} {things} in the (box|shop|room). {who} takes {b}. How many {things} are left?";
    private static readonly Phrase Groups = "There are {b} (boxes|bags|rooms) with {a} {things} each. How many {things} are there[ in all]?\n{who} buys {b} (boxes|bags) of {a} {things}. How many {things} (is that|does {who} have)?";

    private static readonly Phrase Further = "(and|and now|then|now) {sign} {b}?\n{sign} {b}?\n(and|what) if you {verb} {b}?\n{verb} {b}[ to that| from that].";

    private const string TooHard = "I cannot do that in my head; use a calculator.";

    public override string Name => "arithmetic";

    public override string Summary => "Adds, subtracts and multiplies numbers of up to three digits.";

    public override double Weight => 0.17;

    /// <summary>A problem of the split.</summary>
    internal static Problem ProblemOf(Draw draw) => draw.Content(
        () => draw.Below(10) switch
        {
            < 4 => new Problem(Number(draw), '+', Number(draw)),
            < 7 => Ordered(Number(draw), Number(draw), swapped: draw.Chance(0.3)),
            _ => Turned(new Problem(Number(draw), '×', draw.Between(2, 9)), draw.Chance(0.2)),
        },
        problem => problem.Spelling);

    public override void Converse(Conversation conversation, Draw draw)
    {
        for (int i = draw.Pick<int>([1, 1, 1, 2, 3]); i > 0; i--)
        {
            int kind = draw.Below(100);
            if (kind < 4) TooLarge(conversation, draw);
            else if (kind < 14) Chain(conversation, draw);
            else Exchange(conversation, draw);
        }
    }

    public override string Text(Draw draw)
    {
        List<string> lines = [];
        for (int i = draw.Between(16, 30); i > 0; i--)
        {
            Problem problem = ProblemOf(draw);
            lines.Add(draw.Chance(0.8) ? problem.Solution : $"{Question(draw, problem)}\n{problem.Solution}");
        }

        return string.Join('\n', lines);
    }

    /// <summary>A question and its answer.</summary>
    private static void Exchange(Conversation conversation, Draw draw)
    {
        Problem problem = ProblemOf(draw);
        if (draw.Chance(0.1) && problem is { A: > 1, B: > 1 } && (problem.Sign != '×' || problem.B < 10) && problem.Value >= 0)
        {
            WordProblem(conversation, draw, problem);
            return;
        }

        conversation.Ask(Question(draw, problem));
        conversation.Answer(problem.Solution, new NumberCheck($"{problem.Value}"));
        if (problem.Value is < 0 or > 999 || !draw.Chance(0.08)) return;
        Problem next = draw.Content(() => draw.Chance(0.5) ? new Problem(problem.Value, '+', Number(draw)) : new Problem(problem.Value, '-', Number(draw)), each => each.Spelling);
        conversation.Ask(draw.Typed(Further.Say(draw, ("b", $"{next.B}"), ("sign", next.Sign == '+' ? "plus" : "minus"), ("verb", next.Sign == '+' ? "add" : "subtract")).Capitalized()));
        conversation.Answer(next.Solution, new NumberCheck($"{next.Value}"));
    }

    private static void WordProblem(Conversation conversation, Draw draw, Problem problem)
    {
        Phrase phrase = problem.Sign switch { '+' => Gains, '-' => Losses, _ => Groups };
        string who = Subject.Person(draw).Name, things = draw.Pick<string>(["apples", "books", "coins", "stamps", "eggs", "stones", "pencils", "cards", "nuts", "tickets", "bottles", "flowers"]);
        conversation.Ask(phrase.Say(draw, ("who", who), ("things", things), ("a", $"{problem.A}"), ("b", $"{problem.B}")));
        conversation.Answer(problem.Solution, new NumberCheck($"{problem.Value}"));
    }

    /// <summary>Three numbers: the first two become one, then it goes on.</summary>
    private static void Chain(Conversation conversation, Draw draw)
    {
        Problem first = draw.Content(() => draw.Chance(0.5) ? new Problem(Number(draw), '+', Number(draw)) : Ordered(Number(draw), Number(draw), swapped: false), each => each.Spelling);
        if (first.Value > 999) first = draw.Content(() => Ordered(Number(draw), Number(draw), swapped: false), each => each.Spelling);
        Problem second = draw.Content(() => new Problem(first.Value, draw.Pick<char>(['+', '-']), Number(draw)), each => each.Spelling);
        string sum = $"{first.Question} {second.Sign} {second.B}";
        conversation.Ask(draw.Typed(Asks.Say(draw, ("sum", draw.Chance(0.5) ? sum.Replace(" ", "", StringComparison.Ordinal) : sum)).Capitalized()));
        conversation.Answer($"{first.Solution}; {second.Solution}", new NumberCheck($"{second.Value}"));
    }

    private static void TooLarge(Conversation conversation, Draw draw)
    {
        string sum = draw.Below(3) switch
        {
            0 => $"{Between(draw, 4, 6)} {draw.Pick<string>(["+", "-", "plus", "minus"])} {Between(draw, 3, 6)}",
            1 => $"{Between(draw, 2, 5)} {draw.Pick<string>(["*", "x", "×", "times"])} {Between(draw, 2, 5)}",
            _ => $"{Between(draw, 1, 5)} {draw.Pick<string>(["/", "÷", "divided by"])} {Between(draw, 1, 4)}",
        };
        conversation.Ask(draw.Typed(Asks.Say(draw, ("sum", sum)).Capitalized()));
        conversation.Answer(TooHard, new ContainsCheck("calculator"));
    }

    private static string Question(Draw draw, Problem problem)
    {
        if (draw.Chance(0.15)) return draw.Typed(ChineseAsks.Say(draw, ("sum", Spelled(draw, problem, chinese: true))));
        if (draw.Chance(0.15))
            return draw.Typed((problem.Sign switch { '+' => Sums, '-' => Differences, _ => Products }).Say(draw, ("a", $"{problem.A}"), ("b", $"{problem.B}")).Capitalized());
        return draw.Typed(Asks.Say(draw, ("sum", Spelled(draw, problem, chinese: false))).Capitalized());
    }

    private static string Spelled(Draw draw, Problem problem, bool chinese)
    {
        string sign = problem.Sign switch
        {
            '+' => chinese ? draw.Pick<string>(["加", "加上", "+"]) : draw.Pick<string>(["+", "+", "+", "plus", "and"]),
            '-' => chinese ? draw.Pick<string>(["减", "减去", "-"]) : draw.Pick<string>(["-", "-", "-", "minus", "\u2212"]),
            _ => chinese ? draw.Pick<string>(["乘", "乘以", "×"]) : draw.Pick<string>(["*", "x", "×", "times", "multiplied by"]),
        };
        bool word = !chinese && (char.IsLetter(sign[0]) && sign != "x");
        return word || (!chinese && draw.Chance(0.6)) ? $"{problem.A} {sign} {problem.B}" : $"{problem.A}{sign}{problem.B}";
    }

    private static int Number(Draw draw) => draw.Below(10) switch
    {
        0 => draw.Below(10),
        < 3 => draw.Between(10, 99),
        _ => draw.Between(100, 999),
    };

    /// <summary>A number of so many digits.</summary>
    private static int Between(Draw draw, int fewest, int most)
    {
        int least = (int)Math.Pow(10, draw.Between(fewest, most) - 1);
        return draw.Between(least, (10 * least) - 1);
    }

    private static Problem Turned(Problem problem, bool turned) => turned ? new(problem.B, problem.Sign, problem.A) : problem;

    private static Problem Ordered(int a, int b, bool swapped) => a >= b != swapped ? new(a, '-', b) : new(b, '-', a);
}
