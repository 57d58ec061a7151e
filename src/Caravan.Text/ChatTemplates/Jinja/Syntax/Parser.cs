namespace Caravan.Text.Jinja;

/// <summary>Makes statements of tokens.</summary>
internal sealed partial class Parser
{
    private readonly List<Token> tokens;
    private readonly Stack<HashSet<string>> macroNames = [];
    private int next;
    private int depth;
    private int loops;

    private Parser(List<Token> tokens) => this.tokens = tokens;

    private Token Current => tokens[next];

    /// <summary>The statements of a template.</summary>
    /// <exception cref="CaravanException">It is no valid template.</exception>
    public static IReadOnlyList<Statement> Parse(string source) => new Parser(Lexer.Run(source)).Statements([]);

    /// <summary>Everything up to one of these words, which stays to be read; up to the end of the template when there are none.</summary>
    private List<Statement> Statements(string[] ends)
    {
        Enter();
        List<Statement> statements = [];
        while (Current.Kind != TokenKind.End)
        {
            Token token = tokens[next++];
            if (token.Kind == TokenKind.Data)
            {
                statements.Add(new Data(token.Text, token.Line));
            }
            else if (token.Kind == TokenKind.PrintBegin)
            {
                statements.Add(new Print(Tuple(), token.Line));
                Expect(TokenKind.PrintEnd, "'}}'");
            }
            else
            {
                if (Current.Kind == TokenKind.Name && ends.Contains(Current.Text))
                {
                    depth--;
                    return statements;
                }

                if (Block() is { } statement) statements.Add(statement);
                Expect(TokenKind.BlockEnd, "'%}'");
            }
        }

        if (ends.Length > 0) throw Fail($"ends where {Either(ends)} was expected");
        depth--;
        return statements;
    }

    private Statement? Block()
    {
        Token word = Expect(TokenKind.Name, "the name of a block");
        return word.Text switch
        {
            "if" => ParseIf(word.Line),
            "for" => ParseFor(word.Line),
            "set" => ParseSet(word.Line),
            "macro" => new MacroDefinition(Expect(TokenKind.Name, "a macro's name").Text, ParseMacro("endmacro"), word.Line),
            "call" => ParseCall(word.Line),
            "filter" => new FilterBlock(Filters(FilterOn(new Captured(word.Line))), Body("endfilter"), word.Line),
            "with" => ParseWith(word.Line),
            "generation" => new With([], Body("endgeneration"), word.Line),
            "do" => new Do(Tuple(), word.Line),
            "break" when loops > 0 => new Jump(Flow.Break, word.Line),
            "continue" when loops > 0 => new Jump(Flow.Continue, word.Line),
            "break" or "continue" => throw Fail($"has '{word.Text}' outside a loop"),
            "include" or "import" or "from" or "extends" => throw Fail($"has '{word.Text}'; a chat template cannot reach other templates"),
            _ => throw Fail($"has the block '{word.Text}', which is not known here"),
        };
    }

    private If ParseIf(int line)
    {
        List<(Expression, IReadOnlyList<Statement>)> branches = [];
        IReadOnlyList<Statement> otherwise = [];
        do
        {
            Expression test = Tuple(withCondition: false);
            Expect(TokenKind.BlockEnd, "'%}'");
            branches.Add((test, Statements(["elif", "else", "endif"])));
        }
        while (Skip("elif"));
        if (Skip("else")) otherwise = Body("endif");
        else next++;
        return new If(branches, otherwise, line);
    }

    private For ParseFor(int line)
    {
        Target target = ParseTarget(["in"], allowAttribute: false);
        Require("in");
        Expression items = Tuple(withCondition: false);
        Expression? filter = Skip("if") ? Expression() : null;
        bool recursive = Skip("recursive");
        Expect(TokenKind.BlockEnd, "'%}'");
        loops++;
        List<Statement> body = Statements(["else", "endfor"]);
        loops--;
        IReadOnlyList<Statement> otherwise = [];
        if (Skip("else")) otherwise = Body("endfor");
        else next++;
        return new For(target, items, filter, recursive, body, otherwise, line);
    }

    private Statement ParseSet(int line)
    {
        Target target = ParseTarget(["=", "|"], allowAttribute: true);
        if (Skip("=")) return new Assignment(target, Tuple(), line);
        Captured captured = new(line);
        Expression? filters = Current.Is("|") ? Filters(captured) : null;
        return new BlockAssignment(target, filters, Body("endset"), line);
    }

    private CallBlock ParseCall(int line)
    {
        // The body stands behind the call, but its parameters before it.
        IReadOnlyList<(string, Expression?)> parameters = Current.Is("(") ? Parameters() : [];
        if (Expression() is not CallOf call) throw Fail("has a 'call' block that calls nothing");
        return new CallBlock(MacroOf(parameters, "endcall"), call, line);
    }

    private With ParseWith(int line)
    {
        List<(Target, Expression)> variables = [];
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (variables.Count > 0) Require(",");
            Target target = ParseTarget(["="], allowAttribute: false);
            Require("=");
            variables.Add((target, Expression()));
        }

        return new With(variables, Body("endwith"), line);
    }

    private MacroBody ParseMacro(string end) => MacroOf(Parameters(), end);

    private MacroBody MacroOf(IReadOnlyList<(string, Expression?)> parameters, string end)
    {
        HashSet<string> names = [];
        macroNames.Push(names);
        int outerLoops = loops;
        loops = 0;
        List<Statement> body = Body(end);
        loops = outerLoops;
        macroNames.Pop();
        return new MacroBody(parameters, body, names.Contains("varargs"), names.Contains("kwargs"), names.Contains("caller"));
    }

    private List<(string, Expression?)> Parameters()
    {
        List<(string, Expression?)> parameters = [];
        Require("(");
        while (!Skip(")"))
        {
            if (parameters.Count > 0) Require(",");
            if (parameters.Count > 0 && Skip(")")) break;
            string name = Expect(TokenKind.Name, "a parameter's name").Text;
            Expression? value = Skip("=") ? Expression() : null;
            if (value is null && parameters.Count > 0 && parameters[^1].Item2 is not null)
                throw Fail($"has the parameter '{name}' without a default behind one that has one");
            parameters.Add((name, value));
        }

        return parameters;
    }

    /// <summary>The rest of a block's opening, its body and its end, up to the closing brace of the end.</summary>
    private List<Statement> Body(string end)
    {
        Expect(TokenKind.BlockEnd, "'%}'");
        List<Statement> body = Statements([end]);
        next++;
        return body;
    }

    private Target ParseTarget(string[] ends, bool allowAttribute)
    {
        List<Target> items = [];
        bool isTuple = false;
        do
        {
            if (items.Count > 0 && (Current.Kind == TokenKind.BlockEnd || ends.Any(Current.Is))) break;
            items.Add(ParseOneTarget(allowAttribute));
            isTuple |= Current.Is(",");
        }
        while (Skip(","));
        return isTuple ? new TupleTarget(items) : items[0];
    }

    private Target ParseOneTarget(bool allowAttribute)
    {
        if (Skip("("))
        {
            Enter();
            Target inner = ParseTarget([")"], allowAttribute: false);
            Require(")");
            depth--;
            return inner;
        }

        Token name = Expect(TokenKind.Name, "a variable's name");
        if (Constants.Find(name.Text) is not null) throw Fail($"assigns to '{name.Text}'");
        return allowAttribute && Skip(".")
            ? new AttributeTarget(name.Text, Expect(TokenKind.Name, "an attribute's name").Text)
            : new NameTarget(name.Text);
    }

    private Token Expect(TokenKind kind, string what) =>
        Current.Kind == kind ? tokens[next++] : throw Fail($"has {Current.Description} where {what} was expected");

    private void Require(string text)
    {
        if (!Skip(text)) throw Fail($"has {Current.Description} where '{text}' was expected");
    }

    private bool Skip(string text)
    {
        if (!Current.Is(text)) return false;
        next++;
        return true;
    }

    private void Enter()
    {
        if (++depth > Limits.SourceDepth) throw Fail($"nests blocks and brackets more than {Limits.SourceDepth} deep");
    }

    private static string Either(string[] words) => string.Join(" or ", words.Select(word => $"'{word}'"));

    private CaravanException Fail(string problem) => new($"The chat template, line {Current.Line}, {problem}.");
}
