namespace Caravan.Text.Jinja;

/// <summary>Something that is done.</summary>
/// <param name="Line">The line where it stands.</param>
internal abstract record Statement(int Line);

/// <summary>Text outside braces.</summary>
internal sealed record Data(string Text, int Line) : Statement(Line);

/// <summary><c>{{ value }}</c>.</summary>
internal sealed record Print(Expression Value, int Line) : Statement(Line);

/// <summary><c>if</c>, <c>elif</c>, <c>else</c>: the first branch whose test holds.</summary>
internal sealed record If(IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else, int Line) : Statement(Line);

/// <summary><c>for target in items if filter recursive … else … endfor</c>.</summary>
internal sealed record For(
    Target Target, Expression Items, Expression? Filter, bool IsRecursive, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else, int Line) : Statement(Line);

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed record Jump(Flow Flow, int Line) : Statement(Line);

/// <summary><c>set target = value</c>.</summary>
internal sealed record Assignment(Target Target, Expression Value, int Line) : Statement(Line);

/// <summary><c>set target … endset</c>; the filters are applied to <see cref="Captured"/>.</summary>
internal sealed record BlockAssignment(Target Target, Expression? Filters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>filter name … endfilter</c>; the filters are applied to <see cref="Captured"/>.</summary>
internal sealed record FilterBlock(Expression Filters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary>What the body of a <see cref="BlockAssignment"/> or <see cref="FilterBlock"/> wrote.</summary>
internal sealed record Captured(int Line) : Expression(Line);

/// <summary><c>macro name(parameters) … endmacro</c>.</summary>
internal sealed record MacroDefinition(string Name, MacroBody Macro, int Line) : Statement(Line);

/// <summary><c>call(parameters) macro(…) … endcall</c>: the body is passed as <c>caller</c>.</summary>
internal sealed record CallBlock(MacroBody Caller, CallOf Call, int Line) : Statement(Line);

/// <summary><c>with a = 1 … endwith</c>; without variables any block with a scope of its own, such as <c>generation</c>.</summary>
internal sealed record With(IReadOnlyList<(Target Target, Expression Value)> Variables, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>do expression</c>.</summary>
internal sealed record Do(Expression Expression, int Line) : Statement(Line);

/// <summary>Parameters and body of a macro.</summary>
/// <param name="Parameters">Its parameters; those with a default come last.</param>
/// <param name="Body">What it writes.</param>
/// <param name="TakesRest">Whether it reads <c>varargs</c>, and so takes more values than it has parameters.</param>
/// <param name="TakesNamedRest">Whether it reads <c>kwargs</c>.</param>
/// <param name="TakesCaller">Whether it reads <c>caller</c>.</param>
internal sealed record MacroBody(
    IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body, bool TakesRest, bool TakesNamedRest, bool TakesCaller);

/// <summary>What can be assigned to.</summary>
internal abstract record Target;

/// <summary>A variable.</summary>
internal sealed record NameTarget(string Name) : Target;

/// <summary>An attribute of a namespace.</summary>
internal sealed record AttributeTarget(string Name, string Attribute) : Target;

/// <summary>Several targets that take a value apart.</summary>
internal sealed record TupleTarget(IReadOnlyList<Target> Items) : Target;

/// <summary>How a statement goes on.</summary>
internal enum Flow
{
    /// <summary>With the next statement.</summary>
    Next,

    /// <summary>Behind the loop.</summary>
    Break,

    /// <summary>With the next round of the loop.</summary>
    Continue,
}
