namespace Caravan.Text;

/// <summary>
/// Runs a compiled pattern over text by code points, with an explicit stack instead of recursion and a budget of steps, so that a
/// pattern from a file can neither overflow the stack nor run without end.
/// </summary>
internal sealed class PatternMatcher
{
    private const long StepsPerText = 20_000_000;
    private const long StepsPerCharacter = 2_000;
    private const int MaximumStack = 8_000_000;

    private readonly record struct Retry(int Code, int Position, int Low, RetryKind Kind);

    private enum RetryKind : byte
    {
        Resume,
        GiveBack,
        TakeMore,
        RestoreLoop,
    }

    private Retry[] stack = [];
    private int count;
    private long budget;

    /// <summary>Starts a new budget for a text.</summary>
    public void Begin(int length) => budget = StepsPerText + StepsPerCharacter * length;

    /// <summary>The end of the match that begins exactly at <paramref name="position"/>, or -1.</summary>
    /// <exception cref="CaravanException">The budget is spent.</exception>
    public int Match(PatternProgram program, ReadOnlySpan<char> text, int position)
    {
        int[]? loops = program.Loops == 0 ? null : new int[program.Loops];
        PatternInstruction[] code = program.Code;
        int floor = count, step = 0;
        while (true)
        {
            if (--budget < 0) throw Exhausted(text.Length);
            ref readonly PatternInstruction instruction = ref code[step];
            bool passed = true;
            switch (instruction.Step)
            {
                case PatternStep.Set:
                    passed = position < text.Length && instruction.Set!.Contains(UnicodeProperties.CodePointAt(text, position, out int length))
                        && (position += length) > 0;
                    break;
                case PatternStep.RepeatSet:
                    passed = Repeat(instruction, step, text, ref position);
                    break;
                case PatternStep.Split:
                    Push(new Retry(instruction.Target, position, 0, RetryKind.Resume));
                    break;
                case PatternStep.SplitLazy:
                    Push(new Retry(step + 1, position, 0, RetryKind.Resume));
                    step = instruction.Target - 1;
                    break;
                case PatternStep.Jump:
                    step = instruction.Target - 1;
                    break;
                case PatternStep.LoopEnter:
                    Push(new Retry(instruction.Minimum, loops![instruction.Minimum], 0, RetryKind.RestoreLoop));
                    loops[instruction.Minimum] = position;
                    break;
                case PatternStep.LoopAgain:
                    // A round that took nothing would go on for ever.
                    if (loops![instruction.Minimum] != position) step = instruction.Target - 1;
                    break;
                case PatternStep.Assert:
                    passed = Holds(instruction.Anchor, text, position);
                    break;
                case PatternStep.Look:
                    passed = Look(instruction, text, position) != instruction.Negative;
                    break;
                case PatternStep.Atomic:
                    int end = Match(instruction.Body!, text, position);
                    passed = end >= 0;
                    if (passed) position = end;
                    break;
                case PatternStep.Accept:
                    count = floor;
                    return position;
            }

            if (passed) step++;
            else if (!Backtrack(floor, code, text, loops, ref step, ref position)) return -1;
        }
    }

    private bool Repeat(in PatternInstruction instruction, int step, ReadOnlySpan<char> text, ref int position)
    {
        int start = position, lowest = position, taken = 0;
        int wanted = instruction.Greed == Greed.Lazy ? instruction.Minimum : instruction.Maximum;
        while (taken < wanted && position < text.Length
            && instruction.Set!.Contains(UnicodeProperties.CodePointAt(text, position, out int length)))
        {
            position += length;
            if (++taken == instruction.Minimum) lowest = position;
        }

        budget -= position - start;
        if (taken < instruction.Minimum) return false;
        if (instruction.Greed == Greed.Greedy && position > lowest) Push(new Retry(step + 1, position, lowest, RetryKind.GiveBack));
        if (instruction.Greed == Greed.Lazy && taken < instruction.Maximum)
            Push(new Retry(step, position, instruction.Maximum - taken, RetryKind.TakeMore));
        return true;
    }

    private bool Look(in PatternInstruction instruction, ReadOnlySpan<char> text, int position)
    {
        if (instruction.Behind < 0) return Match(instruction.Body!, text, position) >= 0;
        int start = position;
        for (int i = 0; i < instruction.Behind; i++)
        {
            if (start == 0) return false;
            UnicodeProperties.CodePointBefore(text, start, out int length);
            start -= length;
        }

        return Match(instruction.Body!, text, start) == position;
    }

    private bool Backtrack(int floor, PatternInstruction[] code, ReadOnlySpan<char> text, int[]? loops, ref int step, ref int position)
    {
        while (count > floor)
        {
            Retry retry = stack[--count];
            switch (retry.Kind)
            {
                case RetryKind.Resume:
                    (step, position) = (retry.Code, retry.Position);
                    return true;
                case RetryKind.GiveBack:
                    UnicodeProperties.CodePointBefore(text, retry.Position, out int length);
                    (step, position) = (retry.Code, retry.Position - length);
                    if (position > retry.Low) stack[count++] = retry with { Position = position };
                    return true;
                case RetryKind.TakeMore when retry.Position < text.Length
                    && code[retry.Code].Set!.Contains(UnicodeProperties.CodePointAt(text, retry.Position, out int more)):
                    (step, position) = (retry.Code + 1, retry.Position + more);
                    if (retry.Low > 1) stack[count++] = retry with { Position = position, Low = retry.Low - 1 };
                    return true;
                case RetryKind.RestoreLoop:
                    loops![retry.Code] = retry.Position;
                    break;
            }
        }

        return false;
    }

    private static bool Holds(Anchor anchor, ReadOnlySpan<char> text, int position) => anchor switch
    {
        Anchor.TextStart => position == 0,
        Anchor.TextEnd => position == text.Length,
        Anchor.TextEndOrLastNewline => position == text.Length || (position == text.Length - 1 && text[position] == '\n'),
        Anchor.LineStart => position == 0 || text[position - 1] == '\n',
        Anchor.LineEnd => position == text.Length || text[position] == '\n',
        Anchor.WordBoundary => WordBefore(text, position) != WordAfter(text, position),
        _ => WordBefore(text, position) == WordAfter(text, position),
    };

    private static bool WordBefore(ReadOnlySpan<char> text, int position) =>
        position > 0 && UnicodeProperties.IsWord(UnicodeProperties.CodePointBefore(text, position, out _));

    private static bool WordAfter(ReadOnlySpan<char> text, int position) =>
        position < text.Length && UnicodeProperties.IsWord(UnicodeProperties.CodePointAt(text, position, out _));

    private void Push(Retry retry)
    {
        if (count == stack.Length)
        {
            if (count >= MaximumStack) throw Exhausted(count);
            Array.Resize(ref stack, Math.Max(64, count * 2));
        }

        stack[count++] = retry;
    }

    private CaravanException Exhausted(int length)
    {
        count = 0;
        return new CaravanException(
            $"A pattern of this tokenizer backtracks without bound on a text of {length} characters; "
            + "simplify the nested repetitions of its Split or Replace pattern, or split the text before tokenizing it.");
    }
}
