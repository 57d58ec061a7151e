namespace Caravan.Training.Synthesis;

/// <summary>Sorting, counting, and finding in lists of numbers and words, and in the letters of a word.</summary>
internal sealed class Lists : Skill
{
    private static readonly Phrase SortUp = "(sort|order|arrange) [these|the] {kind}[ from (small to large|smallest to largest)][ in ascending order]: {list}\nput [these|the] {kind} in order: {list}\nsort[:] {list}\n{list}\\n(sort them|put them in order|sort this list).\n(can|could) you sort {list}?";
    private static readonly Phrase SortDown = "(sort|order|arrange) [these|the] numbers (from largest to smallest|in descending order|downwards): {list}\nsort {list} (in descending order|from high to low).";
    private static readonly Phrase SortWords = "(sort|order|arrange) [these|the] words [alphabetically|in alphabetical order|from a to z]: {list}\nput [these|the] words in alphabetical order: {list}\nsort[ the words]: {list}\nalphabetical order: {list}";
    private static readonly Phrase Largest = "(what is|which is|find) the (largest|biggest|greatest|highest)[ number] (of|in|among) {list}?\n(largest|maximum|max) of {list}\nwhich number is the largest: {list}?";
    private static readonly Phrase Smallest = "(what is|which is|find) the (smallest|lowest|least)[ number] (of|in|among) {list}?\n(smallest|minimum|min) of {list}\nwhich number is the smallest: {list}?";
    private static readonly Phrase HowMany = "how many {kind} are (there|in this list): {list}?\ncount [these|the] {kind}: {list}\n{list}\\nhow many {kind} is that?";
    private static readonly Phrase Reverse = "(reverse|turn around) [this|the] list: {list}\nsay {list} backwards.\n{list} in reverse order";
    private static readonly Phrase First = "(what is|which is) the {which} (of|in|word of|item of) {list}?\ntell me the {which} of {list}.";
    private static readonly Phrase Spell = "(spell|please spell) [the word ]{word}[.]\nhow (do you|is) {word} (spell|spelled)?\nhow do you spell {word}?\n(write|say) {word} letter by letter.";
    private static readonly Phrase Letters = "how many letters (are in|does|has) [the word ]{word}[ have]?\ncount the letters (of|in) {word}.\nhow long is the word {word}?\nnumber of letters in {word}";
    private static readonly Phrase Occurrences = "how many (times is the letter {letter}|{letter}s are) in [the word ]{word}?\ncount the letter {letter} in {word}.\nhow often does {letter} occur in {word}?\nhow many {letter}'s are there in {word}?";
    private static readonly Phrase Count = "count from {first} to {last}[.]\n(write|list|say) [all ]the numbers from {first} to {last}[.]\n[can you ]count (up|on) from {first} to {last}?";
    private static readonly Phrase CountDown = "count (down|backwards|back) from {first} to {last}[.]";
    private static readonly Phrase Next = "what (comes|number comes) (after|next after) {number}?\nwhich number follows {number}?\nnext number after {number}";
    private static readonly Phrase Before = "what (comes|number comes) before {number}?\nwhich number is before {number}?";
    private static readonly Phrase Larger = "(which|what) is (larger|bigger|greater|more)[,|:] {a} or {b}?\nis {a} or {b} (larger|bigger)?";
    private static readonly Phrase SortChinese = "把这些数从小到大排序：{list}\n排序：{list}\n从小到大：{list}\n请把{list}从小到大排列。";
    private static readonly Phrase LargestChinese = "{list}中最大的数是多少？\n哪个数最大：{list}？\n最大的是哪个：{list}";
    private static readonly string[] Ordinals = ["first", "second", "third", "fourth", "fifth"];

    public override string Name => "lists";

    public override string Summary => "Sorts, counts and finds in lists of numbers and words, and spells words.";

    public override double Weight => 0.17;

    public override void Converse(Conversation conversation, Draw draw)
    {
        for (int i = draw.Chance(0.2) ? 2 : 1; i > 0; i--)
        {
            (string question, string answer, Check check) = Exchange(draw);
            conversation.Ask(draw.Typed(question.Replace("\\n", "\n", StringComparison.Ordinal).Capitalized()));
            conversation.Answer(answer, check);
        }
    }

    public override string Text(Draw draw)
    {
        List<string> lines = [];
        for (int i = draw.Between(6, 12); i > 0; i--)
        {
            (string question, string answer, _) = Exchange(draw);
            lines.Add($"{question.Replace("\\n", "\n", StringComparison.Ordinal).Capitalized()}\n{answer}");
        }

        return string.Join('\n', lines);
    }

    private static (string Question, string Answer, Check Check) Exchange(Draw draw) => draw.Below(20) switch
    {
        < 8 => OfNumbers(draw),
        < 12 => OfWords(draw),
        < 17 => OfLetters(draw),
        _ => OfCounting(draw),
    };

    private static (string Question, string Answer, Check Check) OfNumbers(Draw draw)
    {
        int largest = draw.Pick<int>([9, 20, 99, 99, 999]);
        List<int> numbers = draw.Content(
            () => draw.Several([.. Enumerable.Range(0, largest + 1)], draw.Between(2, 6)), drawn => string.Join(' ', drawn));
        string list = Spelled(draw, numbers.Select(number => $"{number}"));
        int kind = draw.Below(9);
        return kind switch
        {
            < 3 => Exact(SortUp.Say(draw, ("list", list), ("kind", "numbers")), "Sorted: ", string.Join(", ", numbers.Order())),
            3 => Exact(SortDown.Say(draw, ("list", list)), "Sorted: ", string.Join(", ", numbers.OrderDescending())),
            4 => Number(Largest.Say(draw, ("list", list)), numbers.Max()),
            5 => Number(Smallest.Say(draw, ("list", list)), numbers.Min()),
            6 => Counted(HowMany.Say(draw, ("list", list), ("kind", "numbers")), numbers.Select(number => $"{number}")),
            7 => Exact(SortChinese.Say(draw, ("list", string.Join('、', numbers))), "", string.Join("、", numbers.Order())),
            _ => (LargestChinese.Say(draw, ("list", string.Join('、', numbers))), $"最大的是{numbers.Max()}。", new NumberCheck($"{numbers.Max()}")),
        };
    }

    private static (string Question, string Answer, Check Check) OfWords(Draw draw)
    {
        List<string> words = draw.Content(() => draw.Several(Words.Plain, draw.Between(2, 5)).Distinct().ToList(), drawn => string.Join(' ', drawn));
        string list = Spelled(draw, words);
        int place = draw.Below(words.Count);
        return draw.Below(6) switch
        {
            < 2 => Exact(SortWords.Say(draw, ("list", list)), "Sorted: ", string.Join(", ", words.Order(StringComparer.Ordinal))),
            2 => Counted(HowMany.Say(draw, ("list", list), ("kind", "words")), words),
            3 => Exact(Reverse.Say(draw, ("list", list)), "Reversed: ", string.Join(", ", words.AsEnumerable().Reverse())),
            4 => Exact(First.Say(draw, ("list", list), ("which", "last")), "Last: ", words[^1]),
            _ => Exact(First.Say(draw, ("list", list), ("which", Ordinals[place])), $"{Ordinals[place].Capitalized()}: ", words[place]),
        };
    }

    private static (string Question, string Answer, Check Check) OfLetters(Draw draw)
    {
        int kind = draw.Below(3);
        (string word, char letter) = draw.Content(
            () =>
            {
                string drawn = draw.Pick(Words.Plain);
                return (drawn, draw.Chance(0.85) ? draw.Pick(drawn.ToCharArray()) : (char)('a' + draw.Below(26)));
            },
            content => kind == 2 ? $"{content.Item1} {content.Item2}" : $"{kind} {content.Item1}");
        string spelled = string.Join('-', word.ToCharArray());
        return kind switch
        {
            0 => Exact(Spell.Say(draw, ("word", word)), "", spelled),
            1 => Counted(Letters.Say(draw, ("word", word)), word.Select(each => $"{each}")),
            _ => ($"{Occurrences.Say(draw, ("word", word), ("letter", $"{letter}"))}", $"{spelled}: {word.Count(each => each == letter)}", new NumberCheck($"{word.Count(each => each == letter)}")),
        };
    }

    private static (string Question, string Answer, Check Check) OfCounting(Draw draw)
    {
        (int first, int last) = draw.Content(() => (draw.Below(draw.Pick<int>([10, 90, 900])), draw.Between(3, 12)), content => $"{content.Item1}..{content.Item2}");
        int[] numbers = [.. Enumerable.Range(first, last)];
        (int a, int b) = draw.Content(() => draw.Below(1000) is var number ? (number, (number + draw.Between(1, 999)) % 1000) : default, content => $"{content.Item1} {content.Item2}");
        return draw.Below(5) switch
        {
            0 => Exact(Count.Say(draw, ("first", $"{first}"), ("last", $"{numbers[^1]}")), "Counting: ", string.Join(", ", numbers)),
            1 => Exact(CountDown.Say(draw, ("first", $"{numbers[^1]}"), ("last", $"{first}")), "Counting: ", string.Join(", ", numbers.Reverse())),
            2 => Number(Next.Say(draw, ("number", $"{a}")), a + 1),
            3 => Number(Before.Say(draw, ("number", $"{a + 1}")), a),
            _ => Number(Larger.Say(draw, ("a", $"{a}"), ("b", $"{b}")), Math.Max(a, b)),
        };
    }

    /// <summary>Words before a list, so that its first item is spelled like the others: with a blank before it, it is another token.</summary>
    private static (string Question, string Answer, Check Check) Exact(string question, string before, string answer) => (question, before + answer, new TextCheck(answer));

    private static (string Question, string Answer, Check Check) Number(string question, int answer) => (question, $"It is {answer}.", new NumberCheck($"{answer}"));

    /// <summary>Items are counted one by one: <c>Counting: salt (1), cook (2), so 2</c>.</summary>
    private static (string Question, string Answer, Check Check) Counted(string question, IEnumerable<string> items)
    {
        string[] counted = [.. items.Select((item, i) => $"{item} ({i + 1})")];
        return (question, $"Counting: {string.Join(", ", counted)}, so {counted.Length}", new NumberCheck($"{counted.Length}"));
    }

    private static string Spelled(Draw draw, IEnumerable<string> items) => draw.Below(5) switch
    {
        0 => string.Join(' ', items),
        1 => items.ToList().Joined(),
        _ => string.Join(", ", items),
    };
}
