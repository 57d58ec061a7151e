using System.Runtime.CompilerServices;

namespace Caravan.Text;

/// <summary>What one step of a compiled pattern does.</summary>
internal enum PatternStep
{
    Set,
    RepeatSet,
    Split,
    SplitLazy,
    Jump,
    LoopEnter,
    LoopAgain,
    Assert,
    Look,
    Atomic,
    Accept,
}

/// <summary>One step: which of the fields count depends on the kind.</summary>
internal readonly record struct PatternInstruction(
    PatternStep Step,
    int Target = 0,
    CharacterSet? Set = null,
    int Minimum = 0,
    int Maximum = 0,
    Greed Greed = Greed.Greedy,
    Anchor Anchor = default,
    PatternProgram? Body = null,
    int Behind = -1,
    bool Negative = false);

/// <summary>A pattern compiled to steps for <see cref="PatternMatcher"/>.</summary>
internal sealed class PatternProgram
{
    private const int MaximumLength = 100_000;
    private readonly List<PatternInstruction> code = [];

    /// <summary>Nodes emitted so far, look-around bodies included: what bounds the work of repetitions inside repetitions.</summary>
    private readonly StrongBox<int> emitted;

    private PatternProgram(StrongBox<int> emitted) => this.emitted = emitted;

    /// <summary>The steps, ending in <see cref="PatternStep.Accept"/>.</summary>
    public PatternInstruction[] Code { get; private set; } = [];

    /// <summary>The number of loops whose position must be remembered.</summary>
    public int Loops { get; private set; }

    /// <summary>Compiles a tree.</summary>
    /// <exception cref="CaravanException">Repetitions multiply to too many steps, or a look-behind has no fixed length.</exception>
    public static PatternProgram Compile(PatternNode node) => Compile(node, new StrongBox<int>());

    private static PatternProgram Compile(PatternNode node, StrongBox<int> emitted)
    {
        PatternProgram program = new(emitted);
        program.Emit(node);
        program.Add(new PatternInstruction(PatternStep.Accept));
        program.Code = [.. program.code];
        return program;
    }

    private void Add(PatternInstruction instruction)
    {
        Count();
        code.Add(instruction);
    }

    private void Count()
    {
        if (++emitted.Value > MaximumLength)
            throw new CaravanException($"A tokenizer's pattern repeats to more than {MaximumLength} steps; write its counted repetitions smaller.");
    }

    private void Emit(PatternNode node)
    {
        Count();
        switch (node)
        {
            case PatternNode.Set set:
                Add(new PatternInstruction(PatternStep.Set, Set: set.Characters));
                break;
            case PatternNode.Sequence sequence:
                foreach (PatternNode part in sequence.Parts) Emit(part);
                break;
            case PatternNode.Choice choice:
                EmitChoice(choice.Options);
                break;
            case PatternNode.Repeat { Body: PatternNode.Set only } repeat:
                Add(new PatternInstruction(
                    PatternStep.RepeatSet, Set: only.Characters, Minimum: repeat.Minimum, Maximum: repeat.Maximum, Greed: repeat.Greed));
                break;
            case PatternNode.Repeat { Body: PatternNode.Sequence { Parts: [PatternNode.Set one] } } repeat:
                Emit(repeat with { Body = one });
                break;
            case PatternNode.Repeat { Greed: Greed.Possessive } repeat:
                Emit(new PatternNode.Atomic(repeat with { Greed = Greed.Greedy }));
                break;
            case PatternNode.Repeat repeat:
                EmitRepeat(repeat);
                break;
            case PatternNode.Assertion assertion:
                Add(new PatternInstruction(PatternStep.Assert, Anchor: assertion.Anchor));
                break;
            case PatternNode.Atomic atomic:
                Add(new PatternInstruction(PatternStep.Atomic, Body: Compile(atomic.Body, emitted)));
                break;
            case PatternNode.Look look:
                EmitLook(look);
                break;
        }
    }

    private void EmitChoice(IReadOnlyList<PatternNode> options)
    {
        List<int> jumps = [];
        for (int i = 0; i < options.Count; i++)
        {
            int split = code.Count;
            if (i + 1 < options.Count) Add(default);
            Emit(options[i]);
            if (i + 1 == options.Count) break;
            jumps.Add(code.Count);
            Add(default);
            code[split] = new PatternInstruction(PatternStep.Split, Target: code.Count);
        }

        foreach (int jump in jumps) code[jump] = new PatternInstruction(PatternStep.Jump, Target: code.Count);
    }

    private void EmitRepeat(PatternNode.Repeat repeat)
    {
        PatternStep split = repeat.Greed == Greed.Lazy ? PatternStep.SplitLazy : PatternStep.Split;
        for (int i = 0; i < repeat.Minimum; i++) Emit(repeat.Body);
        if (repeat.Maximum == int.MaxValue)
        {
            int again = code.Count;
            Add(default);
            int loop = Loops++;
            bool guarded = repeat.Body.CanBeEmpty();
            if (guarded) Add(new PatternInstruction(PatternStep.LoopEnter, Minimum: loop));
            Emit(repeat.Body);
            Add(guarded
                ? new PatternInstruction(PatternStep.LoopAgain, Target: again, Minimum: loop)
                : new PatternInstruction(PatternStep.Jump, Target: again));
            code[again] = new PatternInstruction(split, Target: code.Count);
            return;
        }

        List<int> exits = [];
        for (int i = repeat.Minimum; i < repeat.Maximum; i++)
        {
            exits.Add(code.Count);
            Add(default);
            Emit(repeat.Body);
        }

        foreach (int exit in exits) code[exit] = new PatternInstruction(split, Target: code.Count);
    }

    private void EmitLook(PatternNode.Look look)
    {
        if (!look.Behind)
        {
            Add(new PatternInstruction(PatternStep.Look, Body: Compile(look.Body, emitted), Negative: look.Negative));
            return;
        }

        if (look.Body is PatternNode.Sequence { Parts: [PatternNode.Choice inner] }) look = look with { Body = inner };
        IReadOnlyList<PatternNode> options = look.Body is PatternNode.Choice choice ? choice.Options : [look.Body];
        List<PatternNode> each = [];
        foreach (PatternNode option in options)
        {
            if (option.FixedLength() < 0)
                throw new CaravanException("A tokenizer's pattern looks behind by a varying length; give every alternative of the look-behind a fixed length.");
            each.Add(new PatternNode.Look(option, Behind: true, look.Negative));
        }

        if (each.Count > 1 && !look.Negative)
        {
            EmitChoice(each);
            return;
        }

        foreach (PatternNode.Look one in each.Cast<PatternNode.Look>())
            Add(new PatternInstruction(PatternStep.Look, Body: Compile(one.Body, emitted), Behind: one.Body.FixedLength(), Negative: look.Negative));
    }
}
